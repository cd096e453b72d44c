-- How often an event whose effect is not recorded was sent once more.
alter table events.outbox add column asked_again smallint not null default 0;
--> statement-breakpoint
-- Turns of clean-ups, which are few: the redriver looks among them for those that nobody has taken.
create index outbox_cleanup_turns on events.outbox (sent_at)
  where sent_at is not null and parked_at is null and event -> 'extensions' ->> 'queue' = 'sched';
