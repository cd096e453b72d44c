create schema if not exists auth authorization growbin_auth;
--> statement-breakpoint
create table auth.accounts (
  user_id uuid primary key,
  display_name text,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create table auth.identities (
  provider text not null check (provider in ('kakao', 'naver', 'google')),
  -- Text, since Kakao's ids exceed 2^53.
  subject text not null,
  user_id uuid not null references auth.accounts (user_id) on delete cascade,
  created_at timestamptz not null default now(),
  last_login_at timestamptz not null default now(),
  primary key (provider, subject)
);
--> statement-breakpoint
create index identities_user on auth.identities (user_id);
--> statement-breakpoint
create table auth.login_attempts (
  login_attempt_id uuid primary key,
  provider text not null check (provider in ('kakao', 'naver', 'google')),
  state text not null,
  nonce text not null,
  code_verifier text not null,
  redirect_uri text not null,
  expires_at timestamptz not null,
  consumed_at timestamptz
);
--> statement-breakpoint
create index login_attempts_expiry on auth.login_attempts (expires_at);
--> statement-breakpoint
create table auth.sessions (
  session_id uuid primary key,
  user_id uuid not null references auth.accounts (user_id) on delete cascade,
  created_at timestamptz not null default now(),
  -- The absolute end; a sliding refresh never moves it.
  ends_at timestamptz not null,
  ended_at timestamptz,
  end_reason text
);
--> statement-breakpoint
create index sessions_user on auth.sessions (user_id);
--> statement-breakpoint
create table auth.refresh_tokens (
  -- SHA-256 of the token; the token itself is never stored.
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  session_id uuid not null references auth.sessions (session_id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  spent_at timestamptz
);
--> statement-breakpoint
create index refresh_tokens_session on auth.refresh_tokens (session_id);
--> statement-breakpoint
alter table auth.accounts owner to growbin_auth;
--> statement-breakpoint
alter table auth.identities owner to growbin_auth;
--> statement-breakpoint
alter table auth.login_attempts owner to growbin_auth;
--> statement-breakpoint
alter table auth.sessions owner to growbin_auth;
--> statement-breakpoint
alter table auth.refresh_tokens owner to growbin_auth;
