/** What becomes of an event that is lost anywhere: at the ingress after its confirm, in a queue, in a dispatcher, as a dead letter. */
export type LostEvent = {
  /** Where its work is kept until it is done. */
  kept: string
  asks: string
  /** After how long, at first and later. */
  after: string
  /** File and name of a test that loses one. */
  shownBy: readonly [file: string, test: string]
}

const external = 'functions/jobs/external-call'
const batch = 'functions/jobs/batch-aggregate'
const redriver = '`events-relay`, every 5 s'
const quietJob: Omit<LostEvent, 'shownBy'> = {
  kept: '`waste.jobs`',
  asks: redriver,
  after: '1 minute after the job went quiet, later each time, until the job has ended',
}
const outboundCall = '2 minutes, doubled up to 2 hours'
const sentAgain = 'an order that nobody has heard of is sent again under its own id, by one of several relays'
const lostReply = [
  'functions/waste/analysis/steps/lost-reply.test.ts',
  'was finished while no reply could be published, is ordered again at the step after it, and ends once',
] as const

/** By type, and for what cron sources send by their names. */
export const lostEvents: Readonly<Record<string, LostEvent>> = {
  'app.growbin.ai.image.analyze.v1': {
    ...quietJob,
    shownBy: [
      'functions/events/relay/handler.test.ts',
      'has a job that has gone quiet ordered again by one tick, and published by the next',
    ],
  },
  'app.growbin.image_upload.photo.prepare.v1': {
    ...quietJob,
    shownBy: [
      'functions/waste/tasks/redrive-jobs.test.ts',
      'is ordered again under the id of its first order, by a valid event of the contract',
    ],
  },
  'app.growbin.gpt5_analysis.item.identify.v1': { ...quietJob, shownBy: lostReply },
  'app.growbin.rule_retrieval.rules.retrieve.v1': { ...quietJob, shownBy: lostReply },
  'app.growbin.response_generation.answer.compose.v1': { ...quietJob, shownBy: lostReply },
  'app.growbin.api.account.delete.v1': {
    kept: '`users.deletions`',
    asks: redriver,
    after: '15 s, doubled up to 2 minutes, without an end',
    shownBy: [`${external}/event.test.ts`, 'carries a deletion out whose event was lost, once it is asked for again'],
  },
  'app.growbin.api.address.find.v1': {
    kept: '`locations.geocodings`',
    asks: redriver,
    after: `${outboundCall}; after a day it fails`,
    shownBy: [
      `${external}/find-place.test.ts`,
      'that nobody has heard of is sent again under its own id, by one of several relays',
    ],
  },
  'app.growbin.api.coordinates.find.v1': {
    kept: '`locations.geocodings`',
    asks: redriver,
    after: `${outboundCall}; after a day it fails`,
    shownBy: [
      `${external}/find-place.test.ts`,
      'that nobody has heard of is sent again under its own id, by one of several relays',
    ],
  },
  'app.growbin.api.profile.sync.v1': {
    kept: '`auth.profile_syncs`',
    asks: redriver,
    after: `${outboundCall}; after a day it ends`,
    shownBy: [`${external}/profile-sync.test.ts`, sentAgain],
  },
  'app.growbin.api.provider.unlink.v1': {
    kept: '`auth.provider_unlinks`',
    asks: redriver,
    after: `${outboundCall}; after a week it is given up`,
    shownBy: [`${external}/provider-unlink.test.ts`, sentAgain],
  },
  'app.growbin.batch.analytics.daily.v1': {
    kept: 'nowhere before it is taken: an operator waits for it',
    asks: '`./scripts/backfill`, with the same id',
    after: '30 s, until the patience of the operator is over; with `--no-wait` nobody',
    shownBy: [
      'scripts/local/backfill/follow-run.test.ts',
      'orders again every 30 s while there is no run, since the order may be lost, and no more once there is one',
    ],
  },
  'app.growbin.batch.report.generate.v1': {
    kept: 'nowhere before it is taken: an operator waits for it',
    asks: '`./scripts/backfill`, with the same id',
    after: '30 s, until the patience of the operator is over; with `--no-wait` nobody',
    shownBy: [
      'scripts/local/backfill/follow-run.test.ts',
      'orders again every 30 s while there is no run, since the order may be lost, and no more once there is one',
    ],
  },
  'app.growbin.batch.period.step.v1': {
    kept: '`events.batch_periods`',
    asks: 'cron source `jobs-batch-aggregate-resume`, every 5 minutes',
    after: '2 minutes of quiet, 12 times; then the period fails',
    shownBy: [
      `${batch}/order-periods.test.ts`,
      'it is ordered once more by the next tick, under the same fence, and the run comes to its end',
    ],
  },
  'app.growbin.sched.cleanup.cache.v1': {
    kept: '`events.outbox`, until `events.cleanup_runs` says that the turn has ended',
    asks: redriver,
    after: '5 minutes, doubled, 5 times; besides, each tick begins a new run',
    shownBy: [
      'functions/jobs/scheduled-cleanup/event.test.ts',
      'whose next turn was lost is asked for again after five minutes, five times in all, and goes on once',
    ],
  },
  'app.growbin.sched.cleanup.images.v1': {
    kept: '`events.outbox`, until `events.cleanup_runs` says that the turn has ended',
    asks: redriver,
    after: '5 minutes, doubled, 5 times; besides, each tick begins a new run',
    shownBy: [
      'functions/jobs/scheduled-cleanup/event.test.ts',
      'whose next turn was lost is asked for again after five minutes, five times in all, and goes on once',
    ],
  },
  'events-relay': {
    kept: '`events.outbox`',
    asks: 'the next tick',
    after: '1 s',
    shownBy: ['functions/events/relay/relay.test.ts', 'publishes until nothing is due'],
  },
  'events-relay-redrive': {
    kept: 'the tables above',
    asks: 'the next tick',
    after: '5 s',
    shownBy: ['functions/events/relay/redrive.test.ts', 'takes each kind of work until nothing of it is quiet'],
  },
  'jobs-batch-aggregate-analytics': {
    kept: '`events.batch_periods` lacks the day',
    asks: 'a second tick at 03:00, and every later one for 35 days back',
    after: '1 hour, then a day',
    shownBy: [
      `${batch}/order-periods.test.ts`,
      'days that no tick has ordered are caught up by the next, and a tick that comes twice does nothing twice',
    ],
  },
  'jobs-batch-aggregate-report': {
    kept: '`events.batch_periods` lacks the week',
    asks: 'a second tick at 05:00, and every later one for eight weeks back',
    after: '1 hour, then a week',
    shownBy: [
      `${batch}/order-periods.test.ts`,
      'weeks that no tick has reported are caught up for eight weeks, with the days that they need',
    ],
  },
  'jobs-batch-aggregate-resume': {
    kept: '`events.batch_periods`',
    asks: 'the next tick',
    after: '5 minutes',
    shownBy: [`${batch}/order-periods.test.ts`, 'a period that waits and was forgotten is begun'],
  },
  'jobs-scheduled-cleanup-cache': {
    kept: 'what is beyond its time stays where it is',
    asks: 'the next tick',
    after: '1 hour',
    shownBy: ['functions/jobs/scheduled-cleanup/event.test.ts', 'of two ticks for one moment removes everything once'],
  },
  'jobs-scheduled-cleanup-images': {
    kept: 'what is beyond its time stays where it is',
    asks: 'the next tick',
    after: '1 day',
    shownBy: ['functions/jobs/scheduled-cleanup/event.test.ts', 'of images is another run, with its own work'],
  },
}
