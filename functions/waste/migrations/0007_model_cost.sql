-- Tokens of reasoning are part of the output; a price is known at the time of the call only.
alter table waste.model_calls add column reasoning_tokens integer;
--> statement-breakpoint
alter table waste.model_calls add column cost_usd numeric;
