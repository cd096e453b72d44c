-- Sessions of accounts that are gone: their access tokens must be refused until they expire by themselves.
create table auth.forgotten_sessions (
  session_id uuid primary key,
  ended_at timestamptz not null default now()
);
--> statement-breakpoint
alter table auth.forgotten_sessions owner to growbin_auth;
--> statement-breakpoint
create or replace view auth.ended_sessions_v1 as
  select session_id, ended_at from auth.sessions where ended_at > now() - interval '30 minutes'
  union all
  select session_id, ended_at from auth.forgotten_sessions where ended_at > now() - interval '30 minutes';
