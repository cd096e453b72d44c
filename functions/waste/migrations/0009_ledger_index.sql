-- The calls of the last ten seconds, which a worker counts after each that failed.
create index model_calls_ended on waste.model_calls (ended_at) where ended_at is not null;
--> statement-breakpoint
-- Whether a result refers to a photo.
create index results_photo_key on waste.results (photo_key) where photo_key is not null;
