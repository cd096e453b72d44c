import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LinkParts, startLocalLinkParts } from '../../../scripts/local/testing/link-parts.ts'
import { spawnFunction } from '../../_lib/testing/run-function.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { providers } from '../../auth/provider.ts'

/** Prefix of every code, access token and refresh token of the providers. */
const canary = 'canary-of-the-provider'

let parts: LinkParts
beforeAll(async () => {
  parts = await startLocalLinkParts({ randomToken: () => `${canary}-${randomBytes(24).toString('base64url')}` })
})
afterAll(() => parts?.close())

// A process of its own, and calls to each provider that succeed and fail.
it('L9: tokens and keys of a provider are in no event, no log line, and no readable row', {
  timeout: 90_000,
}, async () => {
  const external = await spawnFunction('jobs-external-call', parts.environment)
  const deliverDue = async (type: string) => {
    const events = await parts.takeDue(type)
    expect(events).toHaveLength(providers.length)
    for (const event of events) {
      const response = await fetch(external.url, { method: 'POST', ...toSignedMessage(event) })
      expect(response.status).toBe(204)
    }
  }
  const people = []
  for (const provider of providers) people.push(await parts.signIn(provider, 'somebody'))
  for (const simulator of Object.values(parts.simulators)) simulator.control.set({ queue: ['server_error', 'reset'] })
  await deliverDue('app.growbin.api.profile.sync.v1')
  await parts.database.query('update events.outbox set next_at = now() where sent_at is null')
  await deliverDue('app.growbin.api.profile.sync.v1')
  const before = await readAllTables()
  for (const { user_id: userId } of people) expect(await parts.deliver(await parts.requestDeletion(userId))).toBe(204)
  for (const simulator of Object.values(parts.simulators)) {
    simulator.control.set({ queue: ['malformed', 'server_error'], queueFor: ['profile', 'token'] })
  }
  await deliverDue('app.growbin.api.provider.unlink.v1')
  const pending = await readAllTables()
  await parts.database.query('update events.outbox set next_at = now() where sent_at is null')
  await deliverDue('app.growbin.api.provider.unlink.v1')
  expect(await external.stop()).toBe(0)
  const after = await readAllTables()

  const log = external.lines.join('\n')
  expect(log).toContain('An outbound call failed')
  expect(before).toContain('somebody (simulated)')
  const secrets = [canary, parts.secrets.adminKey, parts.secrets.clientSecret]
  for (const [place, text] of Object.entries({ log, before, pending, after })) {
    for (const secret of secrets) {
      expect(text.includes(secret), `${place} holds "${secret}"`).toBe(false)
      expect(text.includes(Buffer.from(secret).toString('hex')), `${place} holds "${secret}" in hex`).toBe(false)
    }
  }
  for (const provider of providers) expect(parts.simulators[provider].control.linked()).toEqual([])
})

/** Every row of every table as text, with bytes in hex. */
async function readAllTables(): Promise<string> {
  const tables = await parts.database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => parts.database.query<{ row: string }>(`select t::text as row from ${name} t`)),
  )
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n')
}
