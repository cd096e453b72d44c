-- One row for each event that ordered a clean-up: what it removed, and whether it is done.
create table events.cleanup_runs (
  event_source text not null,
  event_id text not null,
  -- The same for all turns of one run: a turn that runs out of time orders the next.
  run_id uuid not null,
  turn integer not null check (turn >= 1),
  task text not null,
  dry_run boolean not null,
  removed jsonb not null default '{}',
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  -- Whether nothing was left to do; null until the turn ends.
  finished boolean,
  primary key (event_source, event_id),
  check ((ended_at is null) = (finished is null))
);
--> statement-breakpoint
alter table events.cleanup_runs owner to growbin_events;
--> statement-breakpoint
create index cleanup_runs_age on events.cleanup_runs (started_at);
--> statement-breakpoint
create index outbox_sent on events.outbox (sent_at) where sent_at is not null and parked_at is null;
--> statement-breakpoint
create index inbox_age on events.inbox (handled_at);
