CREATE TABLE "events"."dead_letters" (
	"dead_letter_id" uuid PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"consumer" text NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"verified" boolean DEFAULT false NOT NULL,
	"event_id" text,
	"event_source" text,
	"event_type" text,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"traceparent" text,
	"queue" text,
	"reported_consumer" text,
	"state" text DEFAULT 'open' NOT NULL,
	"deliveries" integer DEFAULT 1 NOT NULL,
	"last_received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replayed_at" timestamp with time zone,
	"replayed_by" text,
	"discarded_at" timestamp with time zone,
	"discarded_by" text,
	"closed_at" timestamp with time zone,
	"closed_reason" text,
	CONSTRAINT "dead_letters_kind_check" CHECK ("events"."dead_letters"."kind" in ('rejected', 'dead_letter')),
	CONSTRAINT "dead_letters_state_check" CHECK ("events"."dead_letters"."state" in ('open', 'replayed', 'discarded', 'closed'))
);
--> statement-breakpoint
CREATE TABLE "events"."inbox" (
	"consumer" text NOT NULL,
	"source" text NOT NULL,
	"event_id" text NOT NULL,
	"handled_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_pkey" PRIMARY KEY("consumer","source","event_id")
);
--> statement-breakpoint
CREATE TABLE "events"."outbox" (
	"outbox_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events"."outbox_outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" uuid NOT NULL,
	"event" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"parked_at" timestamp with time zone,
	"asked_again" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "outbox_event_id_key" UNIQUE("event_id")
);
--> statement-breakpoint
CREATE TABLE "events"."outbound_services" (
	"service" text PRIMARY KEY NOT NULL,
	"tokens" double precision NOT NULL,
	"refilled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"paused_until" timestamp with time zone,
	"window_began_at" timestamp with time zone DEFAULT now() NOT NULL,
	"succeeded" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"open_until" timestamp with time zone,
	"openings" integer DEFAULT 0 NOT NULL,
	"probe_no" bigint DEFAULT 0 NOT NULL,
	"probe_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "events"."analytics_days" (
	"day" date PRIMARY KEY NOT NULL,
	"figures" jsonb NOT NULL,
	"counted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events"."batch_periods" (
	"task" text NOT NULL,
	"period" date NOT NULL,
	"state" text NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"position" jsonb,
	"partial" jsonb,
	"rows_read" bigint DEFAULT 0 NOT NULL,
	"run_ids" uuid[] DEFAULT '{}' NOT NULL,
	"resumes" smallint DEFAULT 0 NOT NULL,
	"last_error" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "batch_periods_pkey" PRIMARY KEY("task","period"),
	CONSTRAINT "batch_periods_task_check" CHECK ("events"."batch_periods"."task" in ('analytics.daily', 'report.generate')),
	CONSTRAINT "batch_periods_state_check" CHECK ("events"."batch_periods"."state" in ('waiting', 'running', 'done', 'failed')),
	CONSTRAINT "batch_periods_check" CHECK (("events"."batch_periods"."state" in ('done', 'failed')) = ("events"."batch_periods"."ended_at" is not null)),
	CONSTRAINT "batch_periods_check1" CHECK ("events"."batch_periods"."ended_at" is null or ("events"."batch_periods"."position" is null and "events"."batch_periods"."partial" is null and "events"."batch_periods"."run_ids" = '{}'))
);
--> statement-breakpoint
CREATE TABLE "events"."batch_runs" (
	"run_id" uuid PRIMARY KEY NOT NULL,
	"task" text NOT NULL,
	"first_day" date NOT NULL,
	"last_day" date NOT NULL,
	"again" boolean NOT NULL,
	"ordered_by" text NOT NULL,
	"periods" integer NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"failures" jsonb DEFAULT '[]' NOT NULL,
	"ordered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "batch_runs_task_check" CHECK ("events"."batch_runs"."task" in ('analytics.daily', 'report.generate')),
	CONSTRAINT "batch_runs_periods_check" CHECK ("events"."batch_runs"."periods" >= 0),
	CONSTRAINT "batch_runs_check" CHECK ("events"."batch_runs"."first_day" <= "events"."batch_runs"."last_day"),
	CONSTRAINT "batch_runs_check1" CHECK (("events"."batch_runs"."ended_at" is not null) = ("events"."batch_runs"."done" + "events"."batch_runs"."failed" = "events"."batch_runs"."periods"))
);
--> statement-breakpoint
CREATE TABLE "events"."cleanup_runs" (
	"event_source" text NOT NULL,
	"event_id" text NOT NULL,
	"run_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"task" text NOT NULL,
	"dry_run" boolean NOT NULL,
	"removed" jsonb DEFAULT '{}' NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"finished" boolean,
	CONSTRAINT "cleanup_runs_pkey" PRIMARY KEY("event_source","event_id"),
	CONSTRAINT "cleanup_runs_turn_check" CHECK ("events"."cleanup_runs"."turn" >= 1),
	CONSTRAINT "cleanup_runs_check" CHECK (("events"."cleanup_runs"."ended_at" is null) = ("events"."cleanup_runs"."finished" is null))
);
--> statement-breakpoint
CREATE TABLE "events"."reports" (
	"week" date PRIMARY KEY NOT NULL,
	"object_key" text NOT NULL,
	"sha256" text NOT NULL,
	"objects" jsonb NOT NULL,
	"figures" jsonb NOT NULL,
	"written_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_week_check" CHECK (extract(isodow from "events"."reports"."week") = 1),
	CONSTRAINT "reports_sha256_check" CHECK ("events"."reports"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "events"."dead_letters" USING btree ("event_source","event_id","consumer") WHERE "events"."dead_letters"."kind" = 'dead_letter' and "events"."dead_letters"."verified";--> statement-breakpoint
CREATE INDEX "dead_letters_state" ON "events"."dead_letters" USING btree ("state","dead_letter_id");--> statement-breakpoint
CREATE INDEX "dead_letters_ended" ON "events"."dead_letters" USING btree (greatest("last_received_at", "replayed_at", "discarded_at", "closed_at")) WHERE "events"."dead_letters"."state" <> 'open';--> statement-breakpoint
CREATE INDEX "dead_letters_open" ON "events"."dead_letters" USING btree ("last_received_at") WHERE "events"."dead_letters"."state" = 'open';--> statement-breakpoint
CREATE INDEX "inbox_age" ON "events"."inbox" USING btree ("handled_at");--> statement-breakpoint
CREATE INDEX "outbox_pending" ON "events"."outbox" USING btree ("next_at") WHERE "events"."outbox"."sent_at" is null and "events"."outbox"."parked_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_sent" ON "events"."outbox" USING btree ("sent_at") WHERE "events"."outbox"."sent_at" is not null and "events"."outbox"."parked_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_cleanup_turns" ON "events"."outbox" USING btree ("sent_at") WHERE "events"."outbox"."sent_at" is not null and "events"."outbox"."parked_at" is null and "events"."outbox"."event" -> 'extensions' ->> 'queue' = 'sched';--> statement-breakpoint
CREATE INDEX "batch_periods_open" ON "events"."batch_periods" USING btree ("task","period") WHERE "events"."batch_periods"."state" in ('waiting', 'running');--> statement-breakpoint
CREATE INDEX "batch_runs_order" ON "events"."batch_runs" USING btree ("ordered_at","run_id");--> statement-breakpoint
CREATE INDEX "cleanup_runs_age" ON "events"."cleanup_runs" USING btree ("started_at");