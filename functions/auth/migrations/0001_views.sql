grant usage on schema auth to
  growbin_events, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
-- What the users domain shows of an account. The provider's own id of a person stays inside.
create view auth.accounts_v1 as
  select user_id, display_name, created_at, picture_url from auth.accounts;
--> statement-breakpoint
create view auth.identities_v1 as
  select user_id, provider, created_at, last_login_at from auth.identities;
--> statement-breakpoint
create view auth.sessions_v1 as
  select session_id, user_id, client, provider, created_at, authenticated_at, last_refreshed_at, ends_at, ended_at
  from auth.sessions;
--> statement-breakpoint
grant select on auth.accounts_v1, auth.identities_v1, auth.sessions_v1 to growbin_users;
--> statement-breakpoint
-- What every function asks for, to refuse access tokens of sessions that are over. A token lives for 15 minutes.
create view auth.ended_sessions_v1 as
  select session_id, ended_at from auth.sessions where ended_at > now() - interval '30 minutes'
  union all
  select session_id, ended_at from auth.forgotten_sessions where ended_at > now() - interval '30 minutes';
--> statement-breakpoint
create view auth.revoked_keys_v1 as select key_id from auth.revoked_keys;
--> statement-breakpoint
grant select on auth.ended_sessions_v1, auth.revoked_keys_v1 to
  growbin_events, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
