-- What all workers share about a service outside: calls left in its bucket, a pause it has asked for, and its circuit.
create table events.outside_services (
  service text primary key,
  tokens double precision not null,
  refilled_at timestamptz not null default now(),
  -- The service has asked for patience until then.
  paused_until timestamptz,
  -- Calls that ended in the present window, by which the circuit is judged.
  window_began_at timestamptz not null default now(),
  succeeded integer not null default 0,
  failed integer not null default 0,
  -- Null while the circuit is closed. Once this is past, one probe decides whether it closes.
  open_until timestamptz,
  -- Times that the circuit was opened in a row.
  openings integer not null default 0,
  probe_no bigint not null default 0,
  probe_until timestamptz
);
--> statement-breakpoint
alter table events.outside_services owner to growbin_events;
