CREATE TABLE "auth"."accounts" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"display_name" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"picture_url" text,
	"profile_as_of" timestamp with time zone,
	CONSTRAINT "accounts_picture_url_check" CHECK ("auth"."accounts"."picture_url" ~ '^https://' and char_length("auth"."accounts"."picture_url") <= 2048)
);
--> statement-breakpoint
CREATE TABLE "auth"."forgotten_sessions" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth"."identities" (
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_login_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identities_pkey" PRIMARY KEY("provider","subject"),
	CONSTRAINT "identities_provider_check" CHECK ("auth"."identities"."provider" in ('kakao', 'naver', 'google'))
);
--> statement-breakpoint
CREATE TABLE "auth"."login_attempts" (
	"login_attempt_id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"state" text NOT NULL,
	"nonce" text NOT NULL,
	"code_verifier" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"consumed_at" timestamp with time zone,
	CONSTRAINT "login_attempts_provider_check" CHECK ("auth"."login_attempts"."provider" in ('kakao', 'naver', 'google'))
);
--> statement-breakpoint
CREATE TABLE "auth"."profile_syncs" (
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"sync_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"traceparent" text NOT NULL,
	"login_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"retry_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	CONSTRAINT "profile_syncs_pkey" PRIMARY KEY("provider","subject"),
	CONSTRAINT "profile_syncs_sync_id_key" UNIQUE("sync_id"),
	CONSTRAINT "profile_syncs_provider_check" CHECK ("auth"."profile_syncs"."provider" in ('kakao', 'naver', 'google')),
	CONSTRAINT "profile_syncs_check" CHECK (("auth"."profile_syncs"."ended_at" is null) = ("auth"."profile_syncs"."end_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "auth"."provider_tokens" (
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"sealed" "bytea" NOT NULL,
	"access_expires_at" timestamp with time zone NOT NULL,
	"kept_until" timestamp with time zone NOT NULL,
	CONSTRAINT "provider_tokens_pkey" PRIMARY KEY("provider","subject"),
	CONSTRAINT "provider_tokens_provider_check" CHECK ("auth"."provider_tokens"."provider" in ('kakao', 'naver', 'google'))
);
--> statement-breakpoint
CREATE TABLE "auth"."provider_unlinks" (
	"unlink_id" uuid PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"traceparent" text NOT NULL,
	"provider" text NOT NULL,
	"subject" text,
	"sealed" "bytea",
	"access_expires_at" timestamp with time zone,
	"ordered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"retry_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	CONSTRAINT "provider_unlinks_provider_check" CHECK ("auth"."provider_unlinks"."provider" in ('kakao', 'naver', 'google')),
	CONSTRAINT "provider_unlinks_check" CHECK (("auth"."provider_unlinks"."ended_at" is null) = ("auth"."provider_unlinks"."end_reason" is null)),
	CONSTRAINT "provider_unlinks_check1" CHECK (("auth"."provider_unlinks"."subject" is null) = ("auth"."provider_unlinks"."ended_at" is not null)),
	CONSTRAINT "provider_unlinks_check2" CHECK ("auth"."provider_unlinks"."ended_at" is null or "auth"."provider_unlinks"."sealed" is null)
);
--> statement-breakpoint
CREATE TABLE "auth"."refresh_tokens" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"spent_at" timestamp with time zone,
	CONSTRAINT "refresh_tokens_token_hash_check" CHECK (octet_length("auth"."refresh_tokens"."token_hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "auth"."revoked_keys" (
	"key_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"revoked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "revoked_keys_key_id_check" CHECK ("auth"."revoked_keys"."key_id" <> '')
);
--> statement-breakpoint
CREATE TABLE "auth"."sessions" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"device_hash" "bytea",
	"client" text DEFAULT 'app' NOT NULL,
	"provider" text,
	"authenticated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_refreshed_at" timestamp with time zone,
	"refresh_window_ends_at" timestamp with time zone,
	"refreshes_in_window" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "sessions_device_hash_check" CHECK (octet_length("auth"."sessions"."device_hash") = 32),
	CONSTRAINT "sessions_client_check" CHECK ("auth"."sessions"."client" in ('app', 'web')),
	CONSTRAINT "sessions_provider_check" CHECK ("auth"."sessions"."provider" in ('kakao', 'naver', 'google'))
);
--> statement-breakpoint
ALTER TABLE "auth"."identities" ADD CONSTRAINT "identities_user_id_accounts_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."accounts"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."profile_syncs" ADD CONSTRAINT "profile_syncs_user_id_accounts_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."accounts"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."provider_tokens" ADD CONSTRAINT "provider_tokens_user_id_accounts_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."accounts"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_sessions_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("session_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_user_id_accounts_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."accounts"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "forgotten_sessions_ended" ON "auth"."forgotten_sessions" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "identities_user" ON "auth"."identities" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "login_attempts_expiry" ON "auth"."login_attempts" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "profile_syncs_user" ON "auth"."profile_syncs" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "profile_syncs_due" ON "auth"."profile_syncs" USING btree ("retry_at") WHERE "auth"."profile_syncs"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "provider_tokens_user" ON "auth"."provider_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "provider_tokens_kept" ON "auth"."provider_tokens" USING btree ("kept_until");--> statement-breakpoint
CREATE INDEX "provider_unlinks_due" ON "auth"."provider_unlinks" USING btree ("retry_at") WHERE "auth"."provider_unlinks"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "provider_unlinks_ended" ON "auth"."provider_unlinks" USING btree ("ended_at") WHERE "auth"."provider_unlinks"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "refresh_tokens_session" ON "auth"."refresh_tokens" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "auth"."sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_live" ON "auth"."sessions" USING btree ("user_id","created_at") WHERE "auth"."sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_ended" ON "auth"."sessions" USING btree ("ended_at") WHERE "auth"."sessions"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "sessions_created" ON "auth"."sessions" USING btree ("created_at");