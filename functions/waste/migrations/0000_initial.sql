CREATE TABLE "waste"."changed_days" (
	"user_id" uuid NOT NULL,
	"day" date NOT NULL,
	"changed_in" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "changed_days_pkey" PRIMARY KEY("user_id","day")
);
--> statement-breakpoint
CREATE TABLE "waste"."jobs" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"state" text NOT NULL,
	"slot" smallint NOT NULL,
	"content_type" text NOT NULL,
	"content_length" integer NOT NULL,
	"sha256" text,
	"object_key" text NOT NULL,
	"locale" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"event_id" uuid NOT NULL,
	"traceparent" text NOT NULL,
	"progress" smallint DEFAULT 0 NOT NULL,
	"stage" text DEFAULT 'created' NOT NULL,
	"failure_reason" text,
	"fencing_token" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"redrives" smallint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"upload_expires_at" timestamp with time zone NOT NULL,
	"queued_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"upload_removed_at" timestamp with time zone,
	"step" text,
	"claim_id" uuid,
	"opened_on" date,
	"day_no" integer,
	"failed_tries" smallint DEFAULT 0 NOT NULL,
	"released_until" timestamp with time zone,
	CONSTRAINT "jobs_state_check" CHECK ("waste"."jobs"."state" in ('created', 'queued', 'processing', 'completed', 'failed')),
	CONSTRAINT "jobs_slot_check" CHECK ("waste"."jobs"."slot" between 1 and 5),
	CONSTRAINT "jobs_content_length_check" CHECK ("waste"."jobs"."content_length" between 1 and 10485760),
	CONSTRAINT "jobs_sha256_check" CHECK ("waste"."jobs"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "jobs_locale_check" CHECK ("waste"."jobs"."locale" in ('ko', 'en')),
	CONSTRAINT "jobs_step_check" CHECK ("waste"."jobs"."step" in ('prepare_photo', 'identify_item', 'retrieve_rules', 'compose_answer')),
	CONSTRAINT "jobs_day_no_check" CHECK ("waste"."jobs"."day_no" > 0),
	CONSTRAINT "jobs_check" CHECK (("waste"."jobs"."state" = 'failed') = ("waste"."jobs"."failure_reason" is not null)),
	CONSTRAINT "jobs_check1" CHECK (("waste"."jobs"."state" in ('completed', 'failed')) = ("waste"."jobs"."finished_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "waste"."model_budget" (
	"period" text PRIMARY KEY NOT NULL,
	"calls" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "waste"."model_calls" (
	"job_id" uuid NOT NULL,
	"fencing_token" integer NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"input_tokens" integer,
	"output_tokens" integer,
	"reasoning_tokens" integer,
	"cost_usd" numeric,
	"counted" boolean DEFAULT true NOT NULL,
	CONSTRAINT "model_calls_pkey" PRIMARY KEY("job_id","fencing_token")
);
--> statement-breakpoint
CREATE TABLE "waste"."model_circuit" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"open_until" timestamp with time zone DEFAULT 'epoch' NOT NULL,
	"reason" text,
	"failing" boolean DEFAULT false NOT NULL,
	CONSTRAINT "model_circuit_only_row_check" CHECK ("waste"."model_circuit"."only_row")
);
--> statement-breakpoint
CREATE TABLE "waste"."results" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"waste_type" text NOT NULL,
	"category" text NOT NULL,
	"moved_to" text,
	"recyclable" boolean NOT NULL,
	"confidence" real NOT NULL,
	"item_name" text NOT NULL,
	"feedback" text NOT NULL,
	"disposal_steps" jsonb NOT NULL,
	"nearby_bins" jsonb NOT NULL,
	"answered_by" text NOT NULL,
	"model" text NOT NULL,
	"image_sha256" text NOT NULL,
	"photo_key" text,
	"analyzed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"photo_archived_at" timestamp with time zone,
	CONSTRAINT "results_confidence_check" CHECK ("waste"."results"."confidence" between 0 and 1),
	CONSTRAINT "results_answered_by_check" CHECK ("waste"."results"."answered_by" in ('model', 'exact_match', 'perceptual_match'))
);
--> statement-breakpoint
CREATE TABLE "waste"."step_outputs" (
	"job_id" uuid NOT NULL,
	"step" text NOT NULL,
	"output" jsonb NOT NULL,
	"next_step" text NOT NULL,
	"reply" jsonb NOT NULL,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "step_outputs_pkey" PRIMARY KEY("job_id","step"),
	CONSTRAINT "step_outputs_step_check" CHECK ("waste"."step_outputs"."step" in ('prepare_photo', 'identify_item', 'retrieve_rules')),
	CONSTRAINT "step_outputs_next_step_check" CHECK ("waste"."step_outputs"."next_step" in ('identify_item', 'retrieve_rules', 'compose_answer'))
);
--> statement-breakpoint
ALTER TABLE "waste"."model_calls" ADD CONSTRAINT "model_calls_job_id_jobs_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "waste"."jobs"("job_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waste"."results" ADD CONSTRAINT "results_job_id_jobs_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "waste"."jobs"("job_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waste"."step_outputs" ADD CONSTRAINT "step_outputs_job_id_jobs_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "waste"."jobs"("job_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "changed_days_order" ON "waste"."changed_days" USING btree ("changed_in","user_id","day");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_unfinished_slot" ON "waste"."jobs" USING btree ("owner_id","slot") WHERE "waste"."jobs"."state" in ('created', 'queued', 'processing');--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_day" ON "waste"."jobs" USING btree ("owner_id","opened_on","day_no") WHERE "waste"."jobs"."failure_reason" is distinct from 'upload_expired';--> statement-breakpoint
CREATE INDEX "jobs_quiet" ON "waste"."jobs" USING btree ("updated_at") WHERE "waste"."jobs"."state" in ('created', 'queued', 'processing');--> statement-breakpoint
CREATE INDEX "jobs_waiting" ON "waste"."jobs" USING btree ("queued_at") WHERE "waste"."jobs"."state" in ('queued', 'processing');--> statement-breakpoint
CREATE INDEX "jobs_opened" ON "waste"."jobs" USING btree ("created_at") WHERE "waste"."jobs"."state" = 'created';--> statement-breakpoint
CREATE INDEX "jobs_owner" ON "waste"."jobs" USING btree ("owner_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "jobs_finished" ON "waste"."jobs" USING btree ("finished_at","job_id") WHERE "waste"."jobs"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "jobs_owner_finished" ON "waste"."jobs" USING btree ("owner_id","finished_at","job_id") WHERE "waste"."jobs"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "jobs_uploads" ON "waste"."jobs" USING btree ("finished_at") WHERE "waste"."jobs"."upload_removed_at" is null and "waste"."jobs"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "jobs_abandoned" ON "waste"."jobs" USING btree ("finished_at") WHERE "waste"."jobs"."failure_reason" = 'upload_expired';--> statement-breakpoint
CREATE INDEX "model_calls_ended" ON "waste"."model_calls" USING btree ("ended_at") WHERE "waste"."model_calls"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "results_photos" ON "waste"."results" USING btree ("analyzed_at") WHERE "waste"."results"."photo_key" is not null and "waste"."results"."photo_archived_at" is null;--> statement-breakpoint
CREATE INDEX "results_photo_key" ON "waste"."results" USING btree ("photo_key") WHERE "waste"."results"."photo_key" is not null;