create view locations.collection_points_v1 as
  select collection_point_id, kind, name, address, latitude, longitude, accepts, sample
  from locations.collection_points
  where retired_at is null;
--> statement-breakpoint
grant usage on schema locations to growbin_waste, growbin_chat;
--> statement-breakpoint
grant select on locations.collection_points_v1 to growbin_waste, growbin_chat;
