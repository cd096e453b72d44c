create table users.deletions (
  deletion_id uuid primary key,
  -- Forgotten after the last sweep; the hash stays, to prove that a deletion was carried out.
  user_id uuid unique,
  user_hash text not null check (user_hash ~ '^[0-9a-f]{64}$'),
  event_id uuid not null,
  traceparent text not null,
  requested_at timestamptz not null default now(),
  -- Sent again when nothing has completed by then.
  retry_at timestamptz not null default now() + interval '15 seconds',
  attempts integer not null default 0,
  completed_at timestamptz,
  check (completed_at is not null or user_id is not null)
);
--> statement-breakpoint
create index deletions_open on users.deletions (retry_at) where user_id is not null;
--> statement-breakpoint
alter table users.deletions owner to growbin_users;
