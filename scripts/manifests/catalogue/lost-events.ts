/**
 * How the work of an event continues after the event is lost, which may happen at the ingress after its confirm, in a queue, in a
 * dispatcher, or as a dead letter.
 */
export type LostEvent = {
  /** What holds the state of the work until it is done. */
  state: string
  /** What publishes the event again. */
  redriver: string
  /** How long after the loss, at first and later. */
  after: string
  /** File and name of a test in which the event is lost. */
  shownBy: readonly [file: string, test: string]
}

const external = 'functions/jobs/external-call'
const batch = 'functions/jobs/batch-aggregate'
const relayTick = '`events-relay`, every 5 s'
const stalledJob: Omit<LostEvent, 'shownBy'> = {
  state: '`waste.jobs`',
  redriver: relayTick,
  after: '1 minute after the job stalled, later each time, until the job has ended',
}
const outboundCall = '2 minutes, doubled up to 2 hours'
const redriven = 'a lost command is published again under its own id, by one of several relays'
const lostReply = [
  'functions/waste/analysis/steps/lost-reply.test.ts',
  'was finished while no reply could be published, is commanded again at the step after it, and ends once',
] as const

/** By type, and for what cron sources send by their names. */
export const lostEvents: Readonly<Record<string, LostEvent>> = {
  'app.growbin.ai.image.analyze.v1': {
    ...stalledJob,
    shownBy: [
      'functions/events/relay/event.test.ts',
      'writes the command of a stalled job again with one tick, and publishes it with the next',
    ],
  },
  'app.growbin.image_upload.photo.prepare.v1': {
    ...stalledJob,
    shownBy: [
      'functions/waste/tasks/redrive-jobs.test.ts',
      'is commanded again under the id of its first command, by a valid event of the contract',
    ],
  },
  'app.growbin.gpt5_analysis.item.identify.v1': { ...stalledJob, shownBy: lostReply },
  'app.growbin.rule_retrieval.rules.retrieve.v1': { ...stalledJob, shownBy: lostReply },
  'app.growbin.response_generation.answer.compose.v1': { ...stalledJob, shownBy: lostReply },
  'app.growbin.api.account.delete.v1': {
    state: '`users.deletions`',
    redriver: relayTick,
    after: '15 s, doubled up to 2 minutes, without limit',
    shownBy: [
      `${external}/event.test.ts`,
      'carries out a deletion whose event was lost, once the redriver publishes it again',
    ],
  },
  'app.growbin.api.address.find.v1': {
    state: '`locations.geocodings`',
    redriver: relayTick,
    after: `${outboundCall}; after a day it fails`,
    shownBy: [
      `${external}/find-place.test.ts`,
      'whose command was lost is published again under its own id, by one of several relays',
    ],
  },
  'app.growbin.api.coordinates.find.v1': {
    state: '`locations.geocodings`',
    redriver: relayTick,
    after: `${outboundCall}; after a day it fails`,
    shownBy: [
      `${external}/find-place.test.ts`,
      'whose command was lost is published again under its own id, by one of several relays',
    ],
  },
  'app.growbin.api.profile.sync.v1': {
    state: '`auth.profile_syncs`',
    redriver: relayTick,
    after: `${outboundCall}; after a day it ends`,
    shownBy: [`${external}/profile-sync.test.ts`, redriven],
  },
  'app.growbin.api.provider.unlink.v1': {
    state: '`auth.provider_unlinks`',
    redriver: relayTick,
    after: `${outboundCall}; after a week it is given up`,
    shownBy: [`${external}/provider-unlink.test.ts`, redriven],
  },
  'app.growbin.batch.analytics.daily.v1': {
    state: 'none before it is handled: an operator waits for it',
    redriver: '`./scripts/backfill`, with the same id',
    after: '30 s, until the operator stops waiting; never with `--no-wait`',
    shownBy: [
      'scripts/local/backfill/follow-run.test.ts',
      'repeats the command every 30 s while there is no run, since it may be lost, and stops once there is one',
    ],
  },
  'app.growbin.batch.report.generate.v1': {
    state: 'none before it is handled: an operator waits for it',
    redriver: '`./scripts/backfill`, with the same id',
    after: '30 s, until the operator stops waiting; never with `--no-wait`',
    shownBy: [
      'scripts/local/backfill/follow-run.test.ts',
      'repeats the command every 30 s while there is no run, since it may be lost, and stops once there is one',
    ],
  },
  'app.growbin.batch.period.step.v1': {
    state: '`events.batch_periods`',
    redriver: 'cron source `jobs-batch-aggregate-resume`, every 5 minutes',
    after: '2 minutes without progress, 12 times; then the period fails',
    shownBy: [
      `${batch}/plan-periods.test.ts`,
      'the next tick publishes its command again, under the same fencing token, and the run ends',
    ],
  },
  'app.growbin.sched.cleanup.cache.v1': {
    state: '`events.outbox`, until `events.cleanup_runs` says that the turn has ended',
    redriver: relayTick,
    after: '5 minutes, doubled, 5 times; also, each tick starts a new run',
    shownBy: [
      'functions/jobs/scheduled-cleanup/event.test.ts',
      'whose next turn was lost is redriven after five minutes, five times in all, and continues once',
    ],
  },
  'app.growbin.sched.cleanup.images.v1': {
    state: '`events.outbox`, until `events.cleanup_runs` says that the turn has ended',
    redriver: relayTick,
    after: '5 minutes, doubled, 5 times; also, each tick starts a new run',
    shownBy: [
      'functions/jobs/scheduled-cleanup/event.test.ts',
      'whose next turn was lost is redriven after five minutes, five times in all, and continues once',
    ],
  },
  'events-relay': {
    state: '`events.outbox`',
    redriver: 'the next tick',
    after: '1 s',
    shownBy: ['functions/events/relay/relay.test.ts', 'publishes until nothing is due'],
  },
  'events-relay-redrive': {
    state: 'the tables above',
    redriver: 'the next tick',
    after: '5 s',
    shownBy: ['functions/events/relay/redrive.test.ts', 'redrives each kind of work until nothing of it is stalled'],
  },
  'jobs-batch-aggregate-analytics': {
    state: '`events.batch_periods` lacks the day',
    redriver: 'a second tick at 03:00, and every later one for 35 days back',
    after: '1 hour, then a day',
    shownBy: [
      `${batch}/plan-periods.test.ts`,
      'the next tick catches up days that no tick has planned, and a repeated tick has no effect',
    ],
  },
  'jobs-batch-aggregate-report': {
    state: '`events.batch_periods` lacks the week',
    redriver: 'a second tick at 05:00, and every later one for eight weeks back',
    after: '1 hour, then a week',
    shownBy: [
      `${batch}/plan-periods.test.ts`,
      'a tick catches up eight weeks without a report, with the days that they need',
    ],
  },
  'jobs-batch-aggregate-resume': {
    state: '`events.batch_periods`',
    redriver: 'the next tick',
    after: '5 minutes',
    shownBy: [`${batch}/plan-periods.test.ts`, 'a waiting period that nothing started is started'],
  },
  'jobs-scheduled-cleanup-cache': {
    state: 'the expired rows and objects themselves',
    redriver: 'the next tick',
    after: '1 hour',
    shownBy: ['functions/jobs/scheduled-cleanup/event.test.ts', 'of two concurrent ticks removes everything once'],
  },
  'jobs-scheduled-cleanup-images': {
    state: 'the expired rows and objects themselves',
    redriver: 'the next tick',
    after: '1 day',
    shownBy: ['functions/jobs/scheduled-cleanup/event.test.ts', 'of images is a separate run with its own steps'],
  },
}
