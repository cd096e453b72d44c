import { expect, it } from 'vitest'
import { findBreakingStatements } from './find-breaking.ts'

const problemsOf = (text: string) => findBreakingStatements('m.sql', text)

it.each([
  ['drop table waste.jobs', 'drops what the running version may use'],
  ['ALTER TABLE "waste"."jobs" DROP COLUMN "slot"', 'drops what the running version may use'],
  ['drop view waste.ended_analyses_v1', 'drops what the running version may use'],
  ['alter table waste.jobs rename column slot to place', 'renames what the running version uses'],
  ['alter table waste.jobs rename to tasks', 'renames what the running version uses'],
  ['ALTER TABLE "waste"."jobs" ALTER COLUMN "slot" SET DATA TYPE bigint', 'changes the type of a column'],
  ['alter table waste.jobs alter slot type bigint', 'changes the type of a column'],
  ['alter table waste.jobs alter column slot set not null', 'refuses rows that the running version writes'],
  [
    'ALTER TABLE "waste"."jobs" ADD COLUMN "note" text NOT NULL',
    'adds a column that the running version does not fill',
  ],
  ['alter table waste.jobs add note varchar(20) not null, add x int default 1', 'adds a column that the running'],
  ['alter table waste.jobs add constraint few check (slot < 10)', 'adds a constraint that reads the whole table'],
  ['alter table waste.jobs add foreign key (owner_id) references waste.people', 'adds a constraint that reads'],
  ['ALTER TABLE "waste"."jobs" ADD CONSTRAINT "one" UNIQUE("slot")', 'adds a constraint that reads the whole table'],
  ['CREATE INDEX "jobs_slot" ON "waste"."jobs" USING btree ("slot")', 'makes an index while nobody can write'],
  ['create unique index jobs_slot on waste.jobs (slot)', 'makes an index while nobody can write'],
  ['revoke select on waste.jobs from growbin_users', 'takes a right from functions that run'],
  ['truncate waste.jobs', 'locks a whole table'],
])('finds that "%s" %s', (sql, problem) => {
  const found = problemsOf(sql)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(`m.sql, statement 1 ${problem}`)
  expect(found[0]).toContain('"-- survives: <reason>"')
})

it.each([
  'create table waste.notes (id uuid primary key, note text not null, check (id is not null))',
  'alter table waste.jobs add column note text',
  `ALTER TABLE "waste"."jobs" ADD COLUMN "note" text DEFAULT 'drop table' NOT NULL`,
  'alter table waste.jobs add column at timestamptz default now() not null',
  'alter table waste.jobs add constraint few check (slot < 10) not valid',
  'alter table waste.jobs validate constraint few',
  'alter table waste.jobs add constraint one unique using index jobs_one',
  'create index concurrently if not exists jobs_slot on waste.jobs (slot)',
  'drop index concurrently waste.jobs_slot',
  'create view waste.jobs_v2 as select job_id from waste.jobs',
  'create or replace function waste.f() returns void language sql as $$ drop table waste.jobs $$',
  'grant select on waste.jobs_v2 to growbin_users',
  '-- drop table waste.jobs\nselect 1',
  'alter table waste.jobs alter column slot drop not null',
  "update waste.jobs set note = 'rename'",
])('accepts what the running version survives: "%s"', (sql) => {
  expect(problemsOf(sql)).toEqual([])
})

it('accepts anything that happens to a table which the same migration creates, and nothing more', () => {
  const text = [
    'CREATE TABLE "waste"."notes" ("id" uuid NOT NULL)',
    'ALTER TABLE "waste"."notes" ADD CONSTRAINT "f" FOREIGN KEY ("id") REFERENCES "waste"."jobs"("id")',
    'CREATE INDEX "notes_id" ON "waste"."notes" USING btree ("id")',
    'CREATE INDEX "jobs_id" ON "waste"."jobs" USING btree ("id")',
  ].join(';\n--> statement-breakpoint\n')
  expect(problemsOf(text)).toEqual([expect.stringMatching(/^m\.sql, statement 4 makes an index/)])
})

it('takes a stated reason for the statement that it stands above, and no empty one', () => {
  const text = (comment: string) =>
    `${comment}\ndrop table waste.old;\n--> statement-breakpoint\ndrop table waste.other`
  expect(problemsOf(text('-- survives: nothing has read it since release 12'))).toEqual([
    expect.stringMatching(/^m\.sql, statement 2 drops/),
  ])
  expect(problemsOf(text('-- survives: yes'))).toHaveLength(2)
})
