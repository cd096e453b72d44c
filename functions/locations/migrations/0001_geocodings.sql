-- Questions to the map service: the address of coordinates, or the coordinates of an address.
create table locations.geocodings (
  geocoding_id uuid primary key,
  -- Null for what nobody in particular has asked, such as an import of collection points.
  owner_id uuid,
  purpose text not null check (char_length(purpose) between 1 and 64),
  kind text not null check (kind in ('address', 'coordinates')),
  -- The same for the same question: rounded coordinates, or a hash of the address.
  question_key text not null,
  asked_latitude double precision check (asked_latitude between 33 and 39),
  asked_longitude double precision check (asked_longitude between 124 and 132),
  asked_address text check (char_length(asked_address) between 2 and 200),
  state text not null default 'pending' check (state in ('pending', 'found', 'not_found', 'failed')),
  found jsonb,
  failure_reason text,
  attempts integer not null default 0,
  event_id uuid not null,
  traceparent text not null,
  -- When its event is sent again, should nothing have been heard by then.
  retry_at timestamptz not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check (case kind
    when 'address' then asked_latitude is not null and asked_longitude is not null and asked_address is null
    else asked_address is not null and asked_latitude is null and asked_longitude is null
  end),
  check ((state = 'pending') = (ended_at is null)),
  check ((state = 'found') = (found is not null)),
  check ((state = 'failed') = (failure_reason is not null))
);
--> statement-breakpoint
create index geocodings_owner on locations.geocodings (owner_id) where owner_id is not null;
--> statement-breakpoint
create index geocodings_due on locations.geocodings (retry_at) where state = 'pending';
--> statement-breakpoint
create index geocodings_ended on locations.geocodings (ended_at) where ended_at is not null;
--> statement-breakpoint
-- Answers by question, of nobody in particular: `found` is null where the map service knows nothing.
create table locations.known_answers (
  question_key text primary key,
  found jsonb,
  answered_at timestamptz not null default now()
);
--> statement-breakpoint
create index known_answers_age on locations.known_answers (answered_at);
--> statement-breakpoint
alter table locations.geocodings owner to growbin_locations;
--> statement-breakpoint
alter table locations.known_answers owner to growbin_locations;
