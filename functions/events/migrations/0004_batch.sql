-- One row for each order of batch work that found something to do: a range of periods of one task.
create table events.batch_runs (
  run_id uuid primary key,
  task text not null check (task in ('analytics.daily', 'report.generate')),
  first_day date not null,
  last_day date not null,
  -- Whether periods that were done before are done once more.
  again boolean not null,
  -- Source of the event that ordered it.
  ordered_by text not null,
  periods integer not null check (periods >= 0),
  done integer not null default 0,
  failed integer not null default 0,
  -- The first of those that failed, with the reason.
  failures jsonb not null default '[]',
  ordered_at timestamptz not null default now(),
  ended_at timestamptz,
  check (first_day <= last_day),
  check ((ended_at is not null) = (done + failed = periods))
);
--> statement-breakpoint
create index batch_runs_order on events.batch_runs (ordered_at, run_id);
--> statement-breakpoint
-- One row for each period of a task: a day, or the Monday of a week. The key makes its work one, whoever orders it.
create table events.batch_periods (
  task text not null check (task in ('analytics.daily', 'report.generate')),
  period date not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  -- Fencing token: counts the steps up. Only the event that carries it may take the next step.
  fence integer not null default 0,
  -- The checkpoint: behind which row the next step goes on, and what was counted up to there.
  position jsonb,
  partial jsonb,
  rows_read bigint not null default 0,
  -- Runs that wait for it; none once it has ended.
  run_ids uuid[] not null default '{}',
  -- How often its step was ordered once more since one has succeeded.
  resumes smallint not null default 0,
  last_error text,
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (task, period),
  check ((state in ('done', 'failed')) = (ended_at is not null)),
  check (ended_at is null or (position is null and partial is null and run_ids = '{}'))
);
--> statement-breakpoint
create index batch_periods_open on events.batch_periods (task, period) where state in ('waiting', 'running');
--> statement-breakpoint
-- Figures of one day of Asia/Seoul.
create table events.analytics_days (
  day date primary key,
  figures jsonb not null,
  counted_at timestamptz not null default now()
);
--> statement-breakpoint
-- A report that is in the object store: the figures of its week, and each of its objects with its hash.
create table events.reports (
  week date primary key check (extract(isodow from week) = 1),
  object_key text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  objects jsonb not null,
  figures jsonb not null,
  written_at timestamptz not null default now()
);
--> statement-breakpoint
alter table events.batch_runs owner to growbin_events;
--> statement-breakpoint
alter table events.batch_periods owner to growbin_events;
--> statement-breakpoint
alter table events.analytics_days owner to growbin_events;
--> statement-breakpoint
alter table events.reports owner to growbin_events;
