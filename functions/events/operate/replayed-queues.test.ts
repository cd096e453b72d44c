import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '../../../scripts/lib/repository-root.ts'
import { toBinaryMessage } from '../../_lib/events/cloud-event.ts'
import { createEvent, type EventContract } from '../../_lib/events/event-contract.ts'
import type { DeadLetterRow } from './dead-letter-row.ts'
import { originalEvent } from './original-event.ts'

const folder = join(repositoryRoot, 'functions/_contracts/events')

test('an event of every contract can be replayed from its dead letter, on every queue', async () => {
  const contracts = await readContracts()
  expect(contracts.length).toBeGreaterThanOrEqual(17)
  const header = { id: 'event-1', source: '/growbin/test', subject: 's', time: new Date(0), traceparent: 'none' }
  for (const contract of contracts) {
    const event = createEvent(contract, header, contract.example)
    const { headers, body } = toBinaryMessage(event)
    const deadLetter: DeadLetterRow = {
      ...{
        dead_letter_id: '',
        consumer: 'c',
        kind: 'dead_letter',
        verified: true,
        reason: 'answered_503',
        event_id: event.id,
      },
      ...{
        event_source: event.source,
        event_type: event.type,
        queue: contract.queue,
        reported_consumer: null,
        traceparent: null,
        state: 'open',
        deliveries: 1,
      },
      ...{ received_at: '', last_received_at: '', replayed_at: null, replayed_by: null },
      ...{ discarded_at: null, discarded_by: null, closed_at: null, closed_reason: null },
      headers: { ...headers, 'ce-knativeerrorcode': '503' },
      body: Buffer.from(body),
    }
    expect(originalEvent(deadLetter)).toEqual(event)
  }
})

async function readContracts(): Promise<EventContract[]> {
  const files = (await readdir(folder)).filter((file) => !file.endsWith('.test.ts'))
  const modules = files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>)
  return (await Promise.all(modules)).flatMap((module) => Object.values(module).filter(isContract))
}

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'queue' in value && 'example' in value
