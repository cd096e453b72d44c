import { expect, test } from 'vitest'

/**
 * The requirements of Knative's own suites for a broker (I ingress, R routing, D delivery, C control plane, X others), and the
 * outcome of an event by the answer of its subscriber (O), each with the result of the RabbitMQ broker. The name of a test begins
 * with the rows that it shows.
 */
export const knativeCases = {
  I1: 'binary mode with any content type: 202',
  I2: 'structured mode: 202',
  I3: 'versions 0.3 and 1.0 are accepted, 0.3 is not upgraded',
  I4: 'another version or none: 400',
  I5: 'GET: 405',
  I6: 'OPTIONS: 405',
  R1: 'no filter: delivered',
  R2: 'another type: not delivered',
  R3: 'the same type: delivered',
  R4: 'two triggers that match: both',
  R5: 'two triggers of which one matches: that one',
  R6: 'the reply to one trigger reaches another',
  R7: 'two triggers without a filter: both',
  D1: 'no delivery anywhere: one attempt, dropped, the channel closes',
  D2: 'delivery of the broker: three failures are delivered, four dead-lettered once',
  D3: 'delivery of the trigger, with and without a dead letter sink',
  D4: 'trigger over broker, delivered at the last attempt',
  D5: 'trigger over broker, dead-lettered',
  C1: 'ready with addresses, and fixed',
  C2: 'invalid names of filter attributes are refused',
  X1: 'an empty filter value is not "any value", and no Kn-Namespace is sent',
  X2: 'no Prefer: reply is sent',
  X3: '422 with a body or without: lost',
  X4: 'unreachable: dead-lettered with -1',
  X5: 'spec.filters is ignored: everything is delivered',
  X6: 'long messages and long replies arrive once',
  X7: 'failures in any pattern, with fewer in a row than attempts: delivered',
  X8: 'retry omitted: 5, not 0',
  O1: '2xx without an event: acknowledged',
  O2: '2xx with an event: the reply goes to the ingress, then acknowledged',
  O3: '3xx: followed to its end, if it has a location; acknowledged, lost if it has none',
  O4: '4xx other than 404, 408, 409, 429: acknowledged, lost',
  O5: '404, 408, 409, 429: retried, dead-lettered',
  O6: '5xx: retried, dead-lettered',
  O7: 'no answer, or none in time: retried, dead-lettered with -1',
  O8: 'a reply that cannot be read: lost, the event acknowledged',
  O9: 'a reply without type or source: dead-lettered with the 2xx code',
} as const

/** The rows that the name of a test begins with. */
export function casesIn(testName: string): string[] {
  return /^(?:[A-Z]\d+(?:, |\b))+/.exec(testName)?.[0].match(/[A-Z]\d+/g) ?? []
}

type TestTree = { name: string; mode: string; tasks?: TestTree[] }

/** Fails when a row has no test in the file, or only a skipped one. */
export function testThatEveryCaseIsShown(): void {
  test('every row of the table has a test', ({ task }) => {
    const found = new Set(namesOf(task.file as unknown as TestTree).flatMap(casesIn))
    expect([...found].sort()).toEqual(Object.keys(knativeCases).sort())
  })
}

function namesOf({ name, mode, tasks }: TestTree): string[] {
  if (tasks) return tasks.flatMap(namesOf)
  return mode === 'run' ? [name] : []
}
