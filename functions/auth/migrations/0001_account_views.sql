-- What the users domain shows of an account. The provider's own id of a person stays inside.
create view auth.accounts_v1 as
  select user_id, display_name, created_at from auth.accounts;
--> statement-breakpoint
create view auth.identities_v1 as
  select user_id, provider, created_at, last_login_at from auth.identities;
--> statement-breakpoint
alter view auth.accounts_v1 owner to growbin_auth;
--> statement-breakpoint
alter view auth.identities_v1 owner to growbin_auth;
--> statement-breakpoint
grant usage on schema auth to growbin_users;
--> statement-breakpoint
grant select on auth.accounts_v1, auth.identities_v1 to growbin_users;
