create schema if not exists locations authorization growbin_locations;
--> statement-breakpoint
create table locations.collection_points (
  collection_point_id uuid primary key,
  kind text not null,
  name text not null,
  address text,
  latitude double precision not null check (latitude between 33 and 39),
  longitude double precision not null check (longitude between 124 and 132),
  -- Category codes of waste that this point takes.
  accepts text[] not null,
  source text not null,
  -- True for points that only stand in for real ones on a laptop.
  sample boolean not null default false,
  retired_at timestamptz
);
--> statement-breakpoint
create index collection_points_place on locations.collection_points (latitude, longitude) where retired_at is null;
--> statement-breakpoint
create view locations.collection_points_v1 as
  select collection_point_id, kind, name, address, latitude, longitude, accepts, sample
  from locations.collection_points
  where retired_at is null;
--> statement-breakpoint
alter table locations.collection_points owner to growbin_locations;
--> statement-breakpoint
alter view locations.collection_points_v1 owner to growbin_locations;
--> statement-breakpoint
grant usage on schema locations to growbin_waste, growbin_chat;
--> statement-breakpoint
grant select on locations.collection_points_v1 to growbin_waste, growbin_chat;
