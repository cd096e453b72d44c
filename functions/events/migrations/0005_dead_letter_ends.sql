-- The queue that a dead letter came from, and the consumer that the dispatcher named in the newest delivery: it names the
-- dead-letter function when the letter went round, and nobody when the queue itself dropped the message.
alter table events.dead_letters
  add column queue text,
  add column reported_consumer text,
  add column closed_at timestamptz,
  add column closed_reason text,
  drop constraint dead_letters_state_check,
  add constraint dead_letters_state_check check (state in ('open', 'replayed', 'discarded', 'closed'));
--> statement-breakpoint
update events.dead_letters set queue = headers ->> 'ce-queue' where headers ? 'ce-queue';
--> statement-breakpoint
-- What is over goes by the moment of its end, and what is open by its newest delivery.
create index dead_letters_ended on events.dead_letters
  (greatest(last_received_at, replayed_at, discarded_at, closed_at)) where state <> 'open';
--> statement-breakpoint
create index dead_letters_open on events.dead_letters (last_received_at) where state = 'open';
