create view recycling.rules_v1 as
select code, region, title_ko, title_en, waste_type, recyclable, placement, includes, excludes, steps, warnings,
  condition_notes, source, reviewed_at, verified, version
from recycling.rules;
--> statement-breakpoint
grant usage on schema recycling to growbin_waste;
--> statement-breakpoint
grant select on recycling.rules_v1 to growbin_waste;
