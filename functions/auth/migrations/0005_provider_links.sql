alter table auth.accounts
  add column picture_url text check (picture_url ~ '^https://' and char_length(picture_url) <= 2048),
  -- The login for which the profile was read at the provider last; an earlier one must not overwrite it.
  add column profile_as_of timestamptz;
--> statement-breakpoint
create or replace view auth.accounts_v1 as
  select user_id, display_name, created_at, picture_url from auth.accounts;
--> statement-breakpoint
-- Tokens of a provider, sealed, for as long as a fresh login allows a deletion. Kakao needs none.
create table auth.provider_tokens (
  provider text not null check (provider in ('kakao', 'naver', 'google')),
  subject text not null,
  user_id uuid not null references auth.accounts (user_id) on delete cascade,
  sealed bytea not null,
  access_expires_at timestamptz not null,
  kept_until timestamptz not null,
  primary key (provider, subject)
);
--> statement-breakpoint
create index provider_tokens_user on auth.provider_tokens (user_id);
--> statement-breakpoint
create index provider_tokens_kept on auth.provider_tokens (kept_until);
--> statement-breakpoint
-- The last order to read a profile, one for each identity: a later login takes the place of an earlier one.
create table auth.profile_syncs (
  provider text not null check (provider in ('kakao', 'naver', 'google')),
  subject text not null,
  user_id uuid not null references auth.accounts (user_id) on delete cascade,
  sync_id uuid not null unique,
  event_id uuid not null,
  traceparent text not null,
  login_at timestamptz not null,
  attempts integer not null default 0,
  -- When its event is sent again, should nothing have been heard by then.
  retry_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  primary key (provider, subject),
  check ((ended_at is null) = (end_reason is null))
);
--> statement-breakpoint
create index profile_syncs_user on auth.profile_syncs (user_id);
--> statement-breakpoint
create index profile_syncs_due on auth.profile_syncs (retry_at) where ended_at is null;
--> statement-breakpoint
-- Links that a provider has yet to forget, with what that needs and nothing else. A row goes when it is done; one that was
-- given up stays as a record, without saying whose it was.
create table auth.provider_unlinks (
  unlink_id uuid primary key,
  event_id uuid not null,
  traceparent text not null,
  provider text not null check (provider in ('kakao', 'naver', 'google')),
  subject text,
  sealed bytea,
  access_expires_at timestamptz,
  ordered_at timestamptz not null default now(),
  attempts integer not null default 0,
  retry_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  check ((ended_at is null) = (end_reason is null)),
  check ((subject is null) = (ended_at is not null)),
  check (ended_at is null or sealed is null)
);
--> statement-breakpoint
create index provider_unlinks_due on auth.provider_unlinks (retry_at) where ended_at is null;
--> statement-breakpoint
create index provider_unlinks_ended on auth.provider_unlinks (ended_at) where ended_at is not null;
--> statement-breakpoint
alter table auth.provider_tokens owner to growbin_auth;
--> statement-breakpoint
alter table auth.profile_syncs owner to growbin_auth;
--> statement-breakpoint
alter table auth.provider_unlinks owner to growbin_auth;
