-- Roles of all domains. They cannot log in: each function's login is a member of the roles that it acts as.
do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'growbin_events', 'growbin_auth', 'growbin_users', 'growbin_waste',
    'growbin_recycling', 'growbin_locations', 'growbin_chat'
  ] loop
    -- Roles belong to the server, not to the database: another database may have made them, at this very moment.
    begin
      execute format('create role %I nologin', role_name);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;
--> statement-breakpoint
create schema if not exists events authorization growbin_events;
--> statement-breakpoint
create table events.outbox (
  outbox_id bigint generated always as identity primary key,
  event_id uuid not null unique,
  event jsonb not null,
  created_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  sent_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  parked_at timestamptz
);
--> statement-breakpoint
-- The relay looks only at what is still to be sent, however many sent rows are kept.
create index outbox_pending on events.outbox (next_at) where sent_at is null and parked_at is null;
--> statement-breakpoint
create table events.inbox (
  consumer text not null,
  source text not null,
  event_id text not null,
  handled_at timestamptz not null default now(),
  primary key (consumer, source, event_id)
);
--> statement-breakpoint
create table events.dead_letters (
  dead_letter_id uuid primary key,
  received_at timestamptz not null default now(),
  consumer text not null,
  kind text not null check (kind in ('rejected', 'dead_letter')),
  reason text not null,
  event_id text,
  event_source text,
  event_type text,
  headers jsonb not null,
  body bytea not null,
  traceparent text,
  state text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
  deliveries integer not null default 1,
  last_received_at timestamptz not null default now()
);
--> statement-breakpoint
-- An event that a consumer failed at is one dead letter, however often the broker delivers it. A rejected message is
-- always a row: nothing says that two malformed messages under one id are the same.
create unique index dead_letters_event on events.dead_letters (event_source, event_id, consumer)
  where kind = 'dead_letter';
--> statement-breakpoint
alter table events.outbox owner to growbin_events;
--> statement-breakpoint
alter table events.inbox owner to growbin_events;
--> statement-breakpoint
alter table events.dead_letters owner to growbin_events;
--> statement-breakpoint
-- Every domain announces and consumes events; only the relay and the dead-letter function read them all.
grant usage on schema events to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select, insert, update on events.outbox to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select, insert on events.inbox to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant insert on events.dead_letters to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
