create schema if not exists recycling authorization growbin_recycling;
--> statement-breakpoint
create table recycling.rules (
  rule_id bigint generated always as identity primary key,
  code text not null,
  region text,
  title_ko text not null,
  title_en text not null,
  waste_type text not null,
  recyclable boolean not null,
  placement jsonb not null,
  includes jsonb not null,
  excludes jsonb not null,
  steps jsonb not null,
  warnings jsonb not null,
  condition_notes jsonb not null,
  source jsonb not null,
  reviewed_at date,
  verified boolean not null,
  version integer not null check (version > 0),
  content_hash text not null,
  loaded_at timestamptz not null default now(),
  -- A national rule has no region, and there may be only one of it.
  constraint rules_code_region unique nulls not distinct (code, region),
  constraint rules_verified_has_date check (not verified or reviewed_at is not null)
);
--> statement-breakpoint
alter table recycling.rules owner to growbin_recycling;
--> statement-breakpoint
create view recycling.rules_v1 as
select code, region, title_ko, title_en, waste_type, recyclable, placement, includes, excludes, steps, warnings,
  condition_notes, source, reviewed_at, verified, version
from recycling.rules;
--> statement-breakpoint
alter view recycling.rules_v1 owner to growbin_recycling;
--> statement-breakpoint
grant usage on schema recycling to growbin_waste;
--> statement-breakpoint
grant select on recycling.rules_v1 to growbin_waste;
