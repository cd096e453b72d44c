-- Who last decided about a dead letter, and when.
alter table events.dead_letters
  add column replayed_at timestamptz,
  add column replayed_by text,
  add column discarded_at timestamptz,
  add column discarded_by text;
--> statement-breakpoint
-- Identifiers are ordered by time: pages go through this backwards, replays forwards, each from where the last one ended.
create index dead_letters_state on events.dead_letters (state, dead_letter_id);
