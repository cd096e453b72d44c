-- Where a job is that goes through the four step functions; null for one that a single function analyses as a whole.
alter table waste.jobs add column step text
  check (step in ('prepare_photo', 'identify_item', 'retrieve_rules', 'compose_answer'));
--> statement-breakpoint
-- What the finished steps of an unfinished job have found, and the event that each answered: it orders the next step.
create table waste.step_outputs (
  job_id uuid not null references waste.jobs (job_id) on delete cascade,
  step text not null check (step in ('prepare_photo', 'identify_item', 'retrieve_rules')),
  output jsonb not null,
  next_step text not null check (next_step in ('identify_item', 'retrieve_rules', 'compose_answer')),
  reply jsonb not null,
  finished_at timestamptz not null default now(),
  primary key (job_id, step)
);
--> statement-breakpoint
alter table waste.step_outputs owner to growbin_waste;
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
alter function waste.forget_step_outputs() owner to growbin_waste;
--> statement-breakpoint
create trigger jobs_ended after update of finished_at on waste.jobs
  for each row
  when (new.step is not null and new.finished_at is not null and old.finished_at is null)
  execute function waste.forget_step_outputs();
