import type { ConfirmChannel } from 'amqplib'
import { describe, expect, test } from 'vitest'
import { publishConfirmed } from './rabbit-publish.ts'

type Confirm = (error: Error | null) => void
const message = { headers: { n: 7 }, contentType: 'text/plain', messageId: 'm', body: Buffer.from('x') }
const options = { confirmTimeoutMs: 10, mandatory: false }

/** A channel that handles each publish as the test says; only `publish` is ever called. */
function channelThat(publish: (confirm: Confirm, properties: unknown) => void): ConfirmChannel {
  const channel = { publish: (_e: string, _k: string, _b: Buffer, p: unknown, confirm: Confirm) => publish(confirm, p) }
  return channel as unknown as ConfirmChannel
}

describe('publishConfirmed', () => {
  test.each<[string, (confirm: Confirm) => void, string]>([
    ['a confirm', (confirm) => confirm(null), 'confirmed'],
    ['a negative confirm', (confirm) => confirm(new Error('message nacked')), 'refused'],
    ['a channel that closes before the confirm', (confirm) => confirm(new Error('channel closed')), 'unavailable'],
    ['no confirm in time', () => undefined, 'timeout'],
    [
      'a channel that is closed',
      () => {
        throw new Error('Channel closed')
      },
      'unavailable',
    ],
  ])('%s', async (_, publish, outcome) => {
    expect(await publishConfirmed(channelThat(publish), 'e', message, options)).toBe(outcome)
  })

  test('messages are persistent and integers are 32-bit', async () => {
    let properties: unknown
    const channel = channelThat((confirm, sent) => {
      properties = sent
      confirm(null)
    })
    await publishConfirmed(channel, 'e', message, options)
    expect(properties).toEqual({
      headers: { n: { '!': 'int32', value: 7 } },
      contentType: 'text/plain',
      messageId: 'm',
      persistent: true,
      mandatory: false,
    })
  })
})
