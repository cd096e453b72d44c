-- Pages of a history are read in this order, and the counts of a day from the index alone.
create index results_history on waste.results (owner_id, analyzed_at desc, job_id desc) include (category, recyclable);
--> statement-breakpoint
drop index waste.results_owner;
--> statement-breakpoint
-- For each person and day of Asia/Seoul the transaction that last changed a result of it. Readers that keep counts learn from
-- it which days to count again: analyses that came late and deleted ones alike.
create table waste.changed_days (
  user_id uuid not null,
  day date not null,
  changed_in xid8 not null default pg_current_xact_id(),
  primary key (user_id, day)
);
--> statement-breakpoint
create index changed_days_order on waste.changed_days (changed_in, user_id, day);
--> statement-breakpoint
create function waste.note_changed_day(user_id uuid, analyzed_at timestamptz) returns void
language sql set search_path = '' as $$
  insert into waste.changed_days (user_id, day)
  values (note_changed_day.user_id, (note_changed_day.analyzed_at at time zone 'Asia/Seoul')::date)
  on conflict (user_id, day) do update set changed_in = excluded.changed_in
  where changed_days.changed_in <> excluded.changed_in
$$;
--> statement-breakpoint
create function waste.note_changed_result() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op <> 'INSERT' then
    perform waste.note_changed_day(old.owner_id, old.analyzed_at);
  end if;
  if tg_op <> 'DELETE' then
    perform waste.note_changed_day(new.owner_id, new.analyzed_at);
  end if;
  return null;
end
$$;
--> statement-breakpoint
alter function waste.note_changed_day(uuid, timestamptz) owner to growbin_waste;
--> statement-breakpoint
alter function waste.note_changed_result() owner to growbin_waste;
--> statement-breakpoint
alter table waste.changed_days owner to growbin_waste;
--> statement-breakpoint
create trigger results_noted after insert or delete on waste.results
  for each row execute function waste.note_changed_result();
--> statement-breakpoint
-- Only what is counted: the key of the photo is written to every result a moment later.
create trigger results_corrected after update of owner_id, analyzed_at, category, recyclable on waste.results
  for each row
  when ((old.owner_id, old.analyzed_at, old.category, old.recyclable)
    is distinct from (new.owner_id, new.analyzed_at, new.category, new.recyclable))
  execute function waste.note_changed_result();
--> statement-breakpoint
insert into waste.changed_days (user_id, day)
select distinct owner_id, (analyzed_at at time zone 'Asia/Seoul')::date from waste.results;
--> statement-breakpoint
create view waste.changed_days_v1 as
  select user_id, day, changed_in from waste.changed_days;
--> statement-breakpoint
alter view waste.changed_days_v1 owner to growbin_waste;
--> statement-breakpoint
grant select on waste.changed_days_v1 to growbin_users;
