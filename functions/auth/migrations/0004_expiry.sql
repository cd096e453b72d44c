-- For the clean-up, which looks for what is long over.
create index sessions_created on auth.sessions (created_at);
--> statement-breakpoint
create index forgotten_sessions_ended on auth.forgotten_sessions (ended_at);
