-- What waits for its analysis, and for how long: counted at the door.
create index jobs_waiting on waste.jobs (queued_at) where state in ('queued', 'processing');
--> statement-breakpoint
-- Who has just opened a job, and is about to send its photo.
create index jobs_opened on waste.jobs (created_at) where state = 'created';
