CREATE TABLE "users"."aggregation" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"changed_in" "xid8" DEFAULT '0' NOT NULL,
	"user_id" uuid DEFAULT '00000000-0000-0000-0000-000000000000' NOT NULL,
	"day" date DEFAULT '-infinity' NOT NULL,
	"due_at" timestamp with time zone DEFAULT '-infinity' NOT NULL,
	CONSTRAINT "aggregation_only_row_check" CHECK ("users"."aggregation"."only_row")
);
--> statement-breakpoint
CREATE TABLE "users"."counted_days" (
	"user_id" uuid NOT NULL,
	"day" date NOT NULL,
	"counted_in" "xid8" NOT NULL,
	CONSTRAINT "counted_days_pkey" PRIMARY KEY("user_id","day")
);
--> statement-breakpoint
CREATE TABLE "users"."daily_counts" (
	"user_id" uuid NOT NULL,
	"day" date NOT NULL,
	"category" text NOT NULL,
	"analyses" integer NOT NULL,
	"recyclable" integer NOT NULL,
	CONSTRAINT "daily_counts_pkey" PRIMARY KEY("user_id","day","category"),
	CONSTRAINT "daily_counts_analyses_check" CHECK ("users"."daily_counts"."analyses" > 0),
	CONSTRAINT "daily_counts_check" CHECK ("users"."daily_counts"."recyclable" between 0 and "users"."daily_counts"."analyses")
);
--> statement-breakpoint
CREATE TABLE "users"."deletions" (
	"deletion_id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid,
	"user_hash" text NOT NULL,
	"event_id" uuid NOT NULL,
	"traceparent" text NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retry_at" timestamp with time zone DEFAULT now() + interval '15 seconds' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"completed_at" timestamp with time zone,
	"hashed_with" text DEFAULT 'sha256' NOT NULL,
	CONSTRAINT "deletions_user_id_key" UNIQUE("user_id"),
	CONSTRAINT "deletions_user_hash_check" CHECK ("users"."deletions"."user_hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "deletions_hashed_with_check" CHECK ("users"."deletions"."hashed_with" in ('sha256', 'hmac-sha256')),
	CONSTRAINT "deletions_check" CHECK ("users"."deletions"."completed_at" is not null or "users"."deletions"."user_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "users"."preferences" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"language" text NOT NULL,
	"notifications" jsonb NOT NULL,
	"region" text,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "preferences_language_check" CHECK ("users"."preferences"."language" in ('ko', 'en')),
	CONSTRAINT "preferences_region_check" CHECK ("users"."preferences"."region" ~ '^[0-9]{5}$')
);
--> statement-breakpoint
CREATE TABLE "users"."profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "profiles_display_name_check" CHECK (char_length("users"."profiles"."display_name") between 1 and 40)
);
--> statement-breakpoint
CREATE INDEX "deletions_open" ON "users"."deletions" USING btree ("retry_at") WHERE "users"."deletions"."user_id" is not null;