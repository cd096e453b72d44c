CREATE TABLE "locations"."collection_points" (
	"collection_point_id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"address" text,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"accepts" text[] NOT NULL,
	"source" text NOT NULL,
	"sample" boolean DEFAULT false NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "collection_points_latitude_check" CHECK ("locations"."collection_points"."latitude" between 33 and 39),
	CONSTRAINT "collection_points_longitude_check" CHECK ("locations"."collection_points"."longitude" between 124 and 132)
);
--> statement-breakpoint
CREATE TABLE "locations"."geocodings" (
	"geocoding_id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid,
	"purpose" text NOT NULL,
	"kind" text NOT NULL,
	"question_key" text NOT NULL,
	"asked_latitude" double precision,
	"asked_longitude" double precision,
	"asked_address" text,
	"state" text DEFAULT 'pending' NOT NULL,
	"found" jsonb,
	"failure_reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"event_id" uuid NOT NULL,
	"traceparent" text NOT NULL,
	"retry_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "geocodings_purpose_check" CHECK (char_length("locations"."geocodings"."purpose") between 1 and 64),
	CONSTRAINT "geocodings_kind_check" CHECK ("locations"."geocodings"."kind" in ('address', 'coordinates')),
	CONSTRAINT "geocodings_asked_latitude_check" CHECK ("locations"."geocodings"."asked_latitude" between 33 and 39),
	CONSTRAINT "geocodings_asked_longitude_check" CHECK ("locations"."geocodings"."asked_longitude" between 124 and 132),
	CONSTRAINT "geocodings_asked_address_check" CHECK (char_length("locations"."geocodings"."asked_address") between 2 and 200),
	CONSTRAINT "geocodings_state_check" CHECK ("locations"."geocodings"."state" in ('pending', 'found', 'not_found', 'failed')),
	CONSTRAINT "geocodings_check" CHECK (case "locations"."geocodings"."kind"
        when 'address' then "locations"."geocodings"."asked_latitude" is not null and "locations"."geocodings"."asked_longitude" is not null and "locations"."geocodings"."asked_address" is null
        else "locations"."geocodings"."asked_address" is not null and "locations"."geocodings"."asked_latitude" is null and "locations"."geocodings"."asked_longitude" is null
      end),
	CONSTRAINT "geocodings_check1" CHECK (("locations"."geocodings"."state" = 'pending') = ("locations"."geocodings"."ended_at" is null)),
	CONSTRAINT "geocodings_check2" CHECK (("locations"."geocodings"."state" = 'found') = ("locations"."geocodings"."found" is not null)),
	CONSTRAINT "geocodings_check3" CHECK (("locations"."geocodings"."state" = 'failed') = ("locations"."geocodings"."failure_reason" is not null))
);
--> statement-breakpoint
CREATE TABLE "locations"."known_answers" (
	"question_key" text PRIMARY KEY NOT NULL,
	"found" jsonb,
	"answered_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "collection_points_place" ON "locations"."collection_points" USING btree ("latitude","longitude") WHERE "locations"."collection_points"."retired_at" is null;--> statement-breakpoint
CREATE INDEX "geocodings_owner" ON "locations"."geocodings" USING btree ("owner_id") WHERE "locations"."geocodings"."owner_id" is not null;--> statement-breakpoint
CREATE INDEX "geocodings_due" ON "locations"."geocodings" USING btree ("retry_at") WHERE "locations"."geocodings"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "geocodings_ended" ON "locations"."geocodings" USING btree ("ended_at") WHERE "locations"."geocodings"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "known_answers_age" ON "locations"."known_answers" USING btree ("answered_at");