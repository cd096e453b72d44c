alter table auth.sessions
  -- SHA-256 of what the app calls its device; a refresh token works only on the device it was given to.
  add column device_hash bytea check (octet_length(device_hash) = 32),
  add column client text not null default 'app' check (client in ('app', 'web')),
  add column provider text check (provider in ('kakao', 'naver', 'google')),
  -- When the person last proved who they are, which a refresh does not.
  add column authenticated_at timestamptz not null default now(),
  add column last_refreshed_at timestamptz;
--> statement-breakpoint
create index sessions_live on auth.sessions (user_id, created_at) where ended_at is null;
--> statement-breakpoint
create index sessions_ended on auth.sessions (ended_at) where ended_at is not null;
--> statement-breakpoint
-- What every function asks for, to refuse access tokens of sessions that are over. A token lives for 15 minutes.
create view auth.ended_sessions_v1 as
  select session_id, ended_at from auth.sessions where ended_at > now() - interval '30 minutes';
--> statement-breakpoint
create view auth.sessions_v1 as
  select session_id, user_id, client, provider, created_at, authenticated_at, last_refreshed_at, ends_at, ended_at
  from auth.sessions;
--> statement-breakpoint
alter view auth.ended_sessions_v1 owner to growbin_auth;
--> statement-breakpoint
alter view auth.sessions_v1 owner to growbin_auth;
--> statement-breakpoint
grant usage on schema auth to
  growbin_events, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select on auth.ended_sessions_v1 to
  growbin_events, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select on auth.sessions_v1 to growbin_users;
