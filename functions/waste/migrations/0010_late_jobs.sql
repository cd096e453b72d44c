alter table waste.jobs
  -- Claims that ended without a result for no reason outside of the job: what a job is judged by.
  add column failed_tries smallint not null default 0,
  -- Until when a late job may be worked at: the redriver releases a few at a time.
  add column released_until timestamptz;
--> statement-breakpoint
-- False for a call that failed while the model answered nobody: it says nothing of the photo.
alter table waste.model_calls add column counted boolean not null default true;
--> statement-breakpoint
-- True from the failures that opened the circuit to the next answer: meanwhile one call at a time tries the model.
alter table waste.model_circuit add column failing boolean not null default false;
