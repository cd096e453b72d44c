-- Which of the person's analyses of a day of Asia/Seoul this is. Null for jobs from before this was counted.
alter table waste.jobs
  add column opened_on date,
  add column day_no integer check (day_no > 0);
--> statement-breakpoint
-- The index decides the race for the last analysis of a day. A photo that never came gives its number back.
create unique index jobs_day on waste.jobs (owner_id, opened_on, day_no)
  where failure_reason is distinct from 'upload_expired';
