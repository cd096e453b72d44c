create schema if not exists users authorization growbin_users;
--> statement-breakpoint
-- A person without a row has never changed anything: version 0.
create table users.profiles (
  user_id uuid primary key,
  display_name text not null check (char_length(display_name) between 1 and 40),
  version integer not null default 1,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create table users.preferences (
  user_id uuid primary key,
  language text not null check (language in ('ko', 'en')),
  notifications jsonb not null,
  -- Code of a 시군구, for local sorting rules.
  region text check (region ~ '^[0-9]{5}$'),
  version integer not null default 1,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create table users.daily_counts (
  user_id uuid not null,
  -- Of Asia/Seoul.
  day date not null,
  category text not null,
  analyses integer not null check (analyses > 0),
  recyclable integer not null check (recyclable between 0 and analyses),
  primary key (user_id, day, category)
);
--> statement-breakpoint
-- The change that the counts of a day include. A day whose last change is another one is counted anew by every reader.
create table users.counted_days (
  user_id uuid not null,
  day date not null,
  counted_in xid8 not null,
  primary key (user_id, day)
);
--> statement-breakpoint
-- One row: how far the changes are counted. Its lock lets one run at a time through.
create table users.aggregation (
  only_row boolean primary key default true check (only_row),
  changed_in xid8 not null default '0',
  user_id uuid not null default '00000000-0000-0000-0000-000000000000',
  day date not null default '-infinity',
  due_at timestamptz not null default '-infinity'
);
--> statement-breakpoint
insert into users.aggregation default values;
--> statement-breakpoint
alter table users.profiles owner to growbin_users;
--> statement-breakpoint
alter table users.preferences owner to growbin_users;
--> statement-breakpoint
alter table users.daily_counts owner to growbin_users;
--> statement-breakpoint
alter table users.counted_days owner to growbin_users;
--> statement-breakpoint
alter table users.aggregation owner to growbin_users;
