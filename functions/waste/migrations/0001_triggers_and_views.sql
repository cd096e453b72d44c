insert into waste.model_circuit default values;
--> statement-breakpoint
-- Pages of a history are read in this order, and the counts of a day from the index alone.
create index results_history on waste.results (owner_id, analyzed_at desc, job_id desc) include (category, recyclable);
--> statement-breakpoint
create function waste.note_changed_day(user_id uuid, analyzed_at timestamptz) returns void
language sql set search_path = '' as $$
  insert into waste.changed_days (user_id, day)
  values (note_changed_day.user_id, (note_changed_day.analyzed_at at time zone 'Asia/Seoul')::date)
  on conflict (user_id, day) do update set changed_in = excluded.changed_in
  where changed_days.changed_in <> excluded.changed_in
$$;
--> statement-breakpoint
create function waste.note_changed_result() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op <> 'INSERT' then
    perform waste.note_changed_day(old.owner_id, old.analyzed_at);
  end if;
  if tg_op <> 'DELETE' then
    perform waste.note_changed_day(new.owner_id, new.analyzed_at);
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger results_noted after insert or delete on waste.results
  for each row execute function waste.note_changed_result();
--> statement-breakpoint
-- Only what is counted: the key of the photo is written to every result a moment later.
create trigger results_corrected after update of owner_id, analyzed_at, category, recyclable on waste.results
  for each row
  when ((old.owner_id, old.analyzed_at, old.category, old.recyclable)
    is distinct from (new.owner_id, new.analyzed_at, new.category, new.recyclable))
  execute function waste.note_changed_result();
--> statement-breakpoint
-- However a job ends, what its steps have found goes with it.
create function waste.forget_step_outputs() returns trigger
language plpgsql set search_path = '' as $$
begin
  delete from waste.step_outputs where job_id = new.job_id;
  return null;
end
$$;
--> statement-breakpoint
create trigger jobs_ended after update of finished_at on waste.jobs
  for each row
  when (new.step is not null and new.finished_at is not null and old.finished_at is null)
  execute function waste.forget_step_outputs();
--> statement-breakpoint
grant usage on schema waste to growbin_users, growbin_events;
--> statement-breakpoint
create view waste.completed_analyses_v1 as
  select job_id, owner_id as user_id, waste_type, category, moved_to, recyclable, confidence, item_name, feedback, analyzed_at
  from waste.results;
--> statement-breakpoint
create view waste.changed_days_v1 as
  select user_id, day, changed_in from waste.changed_days;
--> statement-breakpoint
grant select on waste.completed_analyses_v1, waste.changed_days_v1 to growbin_users;
--> statement-breakpoint
-- Analyses that ended, for figures of the whole. It does not say whose they are: people are counted by the first analysis
-- of each on a day of Asia/Seoul. A job whose photo never came is no analysis, and is deleted after 30 days.
create view waste.ended_analyses_v1 as
  select job.job_id, job.state, job.failure_reason, job.queued_at, job.finished_at,
    result.answered_by, result.category, result.recyclable,
    calls.model_calls, calls.input_tokens, calls.output_tokens, calls.first_called_at,
    not exists (
      select from waste.jobs earlier
      where earlier.owner_id = job.owner_id
        and earlier.finished_at >= date_trunc('day', job.finished_at at time zone 'Asia/Seoul') at time zone 'Asia/Seoul'
        and (earlier.finished_at, earlier.job_id) < (job.finished_at, job.job_id)
        and earlier.failure_reason is distinct from 'upload_expired'
    ) as first_of_day
  from waste.jobs job
  left join waste.results result on result.job_id = job.job_id
  cross join lateral (
    select count(*)::integer as model_calls, min(started_at) as first_called_at,
      coalesce(sum(model_calls.input_tokens), 0) as input_tokens,
      coalesce(sum(model_calls.output_tokens), 0) as output_tokens
    from waste.model_calls
    where model_calls.job_id = job.job_id
  ) calls
  where job.finished_at is not null and job.failure_reason is distinct from 'upload_expired';
--> statement-breakpoint
grant select on waste.ended_analyses_v1 to growbin_events;
