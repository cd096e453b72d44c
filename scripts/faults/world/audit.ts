import type { Queries } from './world.ts'

/**
 * Adds triggers that note each end of a job, each write of a result and of a step's output, and each redrive, as it is committed.
 * The tables themselves cannot show a doubled effect: their keys hold only the last one.
 */
export async function installAudit(query: Queries): Promise<void> {
  await query(`
    create schema faults_audit;
    create table faults_audit.effects (
      effect_no bigint generated always as identity primary key,
      job_id uuid not null, kind text not null, at timestamptz not null default clock_timestamp()
    );
    create function faults_audit.note_job() returns trigger language plpgsql security definer as $$
    begin
      if tg_op = 'DELETE' then
        insert into faults_audit.effects (job_id, kind) values (old.job_id, 'job_removed');
        return old;
      end if;
      if tg_op = 'UPDATE' and new.redrives > old.redrives then
        insert into faults_audit.effects (job_id, kind) values (new.job_id, 'redriven');
      end if;
      if tg_op = 'UPDATE' and old.state in ('completed', 'failed') then
        if (new.state, new.failure_reason, new.finished_at) is distinct from (old.state, old.failure_reason, old.finished_at) then
          insert into faults_audit.effects (job_id, kind) values (new.job_id, 'end_changed');
        end if;
      elsif new.state in ('completed', 'failed') then
        insert into faults_audit.effects (job_id, kind) values (new.job_id, new.state);
      end if;
      return new;
    end $$;
    create trigger faults_audit after insert or update or delete on waste.jobs
      for each row execute function faults_audit.note_job();
    create function faults_audit.note_call_removed() returns trigger language plpgsql security definer as $$
    begin
      insert into faults_audit.effects (job_id, kind) values (old.job_id, 'model_call_removed');
      return null;
    end $$;
    create trigger faults_audit after delete on waste.model_calls
      for each row execute function faults_audit.note_call_removed();
    create function faults_audit.note_result() returns trigger language plpgsql security definer as $$
    begin
      if tg_op = 'INSERT' then
        insert into faults_audit.effects (job_id, kind) values (new.job_id, 'result_written');
      elsif tg_op = 'DELETE' then
        insert into faults_audit.effects (job_id, kind) values (old.job_id, 'result_removed');
      elsif to_jsonb(new) - 'photo_key' - 'photo_archived_at' is distinct from to_jsonb(old) - 'photo_key' - 'photo_archived_at' then
        insert into faults_audit.effects (job_id, kind) values (new.job_id, 'result_changed');
      end if;
      return null;
    end $$;
    create trigger faults_audit after insert or update or delete on waste.results
      for each row execute function faults_audit.note_result();
    create function faults_audit.note_step() returns trigger language plpgsql security definer as $$
    begin
      insert into faults_audit.effects (job_id, kind) values (new.job_id, new.step);
      return null;
    end $$;
    create trigger faults_audit after insert or update on waste.step_outputs
      for each row execute function faults_audit.note_step();
  `)
}
