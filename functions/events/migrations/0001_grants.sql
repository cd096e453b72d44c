-- Every domain announces and consumes events, and records what it cannot handle; only the functions of `events` read them all.
grant usage on schema events to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select, insert, update on events.outbox to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant select, insert on events.inbox to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
--> statement-breakpoint
grant insert on events.dead_letters to
  growbin_auth, growbin_users, growbin_waste, growbin_recycling, growbin_locations, growbin_chat;
