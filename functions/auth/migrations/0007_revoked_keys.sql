-- Keys that tokens must not be believed by any more, although a process may still have them. Written by hand, in an emergency.
create table auth.revoked_keys (
  key_id text primary key check (key_id <> ''),
  reason text not null,
  revoked_at timestamptz not null default now()
);
--> statement-breakpoint
create view auth.revoked_keys_v1 as select key_id from auth.revoked_keys;
--> statement-breakpoint
alter table auth.revoked_keys owner to growbin_auth;
--> statement-breakpoint
alter view auth.revoked_keys_v1 owner to growbin_auth;
--> statement-breakpoint
grant select on auth.revoked_keys_v1 to
  growbin_events, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
