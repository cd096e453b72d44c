-- Whether the signature of the message was valid when it came. What is not verified is never sent again: the relay would sign it.
alter table events.dead_letters add column verified boolean not null default false;
--> statement-breakpoint
-- Only so many messages that are not verified are kept, whatever they claim to be, and they take the place of no other.
drop index events.dead_letters_event;
--> statement-breakpoint
create unique index dead_letters_event on events.dead_letters (event_source, event_id, consumer)
  where kind = 'dead_letter' and verified;
