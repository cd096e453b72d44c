-- Pages of what ended on a day are read in this order.
create index jobs_finished on waste.jobs (finished_at, job_id) where finished_at is not null;
--> statement-breakpoint
-- Whether an analysis is the first of its person on a day.
create index jobs_owner_finished on waste.jobs (owner_id, finished_at, job_id) where finished_at is not null;
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
alter view waste.ended_analyses_v1 owner to growbin_waste;
--> statement-breakpoint
grant usage on schema waste to growbin_events;
--> statement-breakpoint
grant select on waste.ended_analyses_v1 to growbin_events;
