create schema if not exists waste authorization growbin_waste;
--> statement-breakpoint
create table waste.jobs (
  job_id uuid primary key,
  owner_id uuid not null,
  state text not null check (state in ('created', 'queued', 'processing', 'completed', 'failed')),
  -- Which of the person's places for unfinished work this job takes.
  slot smallint not null check (slot between 1 and 5),
  content_type text not null,
  content_length integer not null check (content_length between 1 and 10485760),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  object_key text not null,
  locale text not null check (locale in ('ko', 'en')),
  -- Forgotten as soon as the job ends: a place is kept no longer than the nearest bins need it.
  latitude double precision,
  longitude double precision,
  event_id uuid not null,
  traceparent text not null,
  progress smallint not null default 0,
  stage text not null default 'created',
  failure_reason text,
  lease_no integer not null default 0,
  lease_until timestamptz,
  redrives smallint not null default 0,
  created_at timestamptz not null default now(),
  upload_expires_at timestamptz not null,
  queued_at timestamptz,
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((state = 'failed') = (failure_reason is not null)),
  check ((state in ('completed', 'failed')) = (finished_at is not null))
);
--> statement-breakpoint
-- Five places a person: the index decides the race between two requests for the last one.
create unique index jobs_unfinished_slot on waste.jobs (owner_id, slot)
  where state in ('created', 'queued', 'processing');
--> statement-breakpoint
create index jobs_quiet on waste.jobs (updated_at) where state in ('created', 'queued', 'processing');
--> statement-breakpoint
create index jobs_owner on waste.jobs (owner_id, created_at desc);
--> statement-breakpoint
create table waste.results (
  job_id uuid primary key references waste.jobs (job_id) on delete cascade,
  owner_id uuid not null,
  waste_type text not null,
  category text not null,
  moved_to text,
  recyclable boolean not null,
  confidence real not null check (confidence between 0 and 1),
  item_name text not null,
  feedback text not null,
  disposal_steps jsonb not null,
  nearby_bins jsonb not null,
  answered_by text not null check (answered_by in ('model', 'exact_match', 'perceptual_match')),
  model text not null,
  image_sha256 text not null,
  photo_key text,
  analyzed_at timestamptz not null default now()
);
--> statement-breakpoint
create index results_owner on waste.results (owner_id, analyzed_at desc);
--> statement-breakpoint
-- Written before a call is sent, so that a crash over-counts what was spent and never under-counts.
create table waste.model_calls (
  job_id uuid not null references waste.jobs (job_id) on delete cascade,
  lease_no integer not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text,
  input_tokens integer,
  output_tokens integer,
  primary key (job_id, lease_no)
);
--> statement-breakpoint
-- Calls begun in one minute or one day of Asia/Seoul, shared by all workers.
create table waste.model_budget (
  period text primary key,
  calls integer not null
);
--> statement-breakpoint
-- One row: whether the model may be called at all.
create table waste.model_circuit (
  only_row boolean primary key default true check (only_row),
  open_until timestamptz not null default 'epoch',
  reason text
);
--> statement-breakpoint
insert into waste.model_circuit default values;
--> statement-breakpoint
create view waste.completed_analyses_v1 as
  select job_id, owner_id as user_id, waste_type, category, moved_to, recyclable, confidence, item_name, feedback, analyzed_at
  from waste.results;
--> statement-breakpoint
alter table waste.jobs owner to growbin_waste;
--> statement-breakpoint
alter table waste.results owner to growbin_waste;
--> statement-breakpoint
alter table waste.model_calls owner to growbin_waste;
--> statement-breakpoint
alter table waste.model_budget owner to growbin_waste;
--> statement-breakpoint
alter table waste.model_circuit owner to growbin_waste;
--> statement-breakpoint
alter view waste.completed_analyses_v1 owner to growbin_waste;
--> statement-breakpoint
grant usage on schema waste to growbin_users;
--> statement-breakpoint
grant select on waste.completed_analyses_v1 to growbin_users;
