-- Since when the upload of an ended job is gone for good, with every version of it.
alter table waste.jobs add column upload_removed_at timestamptz;
--> statement-breakpoint
create index jobs_uploads on waste.jobs (finished_at) where upload_removed_at is null and finished_at is not null;
--> statement-breakpoint
create index jobs_abandoned on waste.jobs (finished_at) where failure_reason = 'upload_expired';
--> statement-breakpoint
-- Since when the photo is left to the archive of the bucket, and can no longer be shown at once.
alter table waste.results add column photo_archived_at timestamptz;
--> statement-breakpoint
create index results_photos on waste.results (analyzed_at) where photo_key is not null and photo_archived_at is null;
