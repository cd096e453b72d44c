import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { parseConfig } from '../process/config.ts'
import { createSealer, SealError, type SealingKeys, sealingKeysVariable } from './seal-text.ts'

const [first, second] = [randomBytes(32), randomBytes(32)]
const keys: SealingKeys = { current: 'k1', keys: { k1: first } }
const text = '{"access_token":"canary-토큰"}'

it('opens what it has sealed, and never seals the same twice alike', () => {
  const { seal, open } = createSealer(keys)
  const [one, two] = [seal(text, 'naver:1'), seal(text, 'naver:1')]
  expect([open(one, 'naver:1'), open(two, 'naver:1')]).toEqual([text, text])
  expect(one.equals(two)).toBe(false)
  expect(one.includes('canary')).toBe(false)
})

it('is refused in the context of another person', () => {
  const { seal, open } = createSealer(keys)
  expect(() => open(seal(text, 'naver:1'), 'naver:2')).toThrow(SealError)
})

it('is refused when any byte of it was changed, cut off or added', () => {
  const { seal, open } = createSealer({ current: 'k1', keys: { k1: first, k0: first } })
  const sealed = seal(text, 'naver:1')
  for (let place = 0; place < sealed.byteLength; place += 1) {
    const changed = Buffer.from(sealed)
    changed[place] = (changed[place] ?? 0) ^ 1
    expect(() => open(changed, 'naver:1')).toThrow(SealError)
    expect(() => open(sealed.subarray(0, place), 'naver:1')).toThrow(SealError)
  }
  expect(() => open(Buffer.concat([sealed, Buffer.of(0)]), 'naver:1')).toThrow(SealError)
})

describe('a change of keys', () => {
  it('opens with the old key and seals with the new one, until the old key is removed', () => {
    const old = createSealer(keys).seal(text, 'c')
    const both = createSealer({ current: 'k2', keys: { k1: first, k2: second } })
    const renewed = createSealer({ current: 'k2', keys: { k2: second } })
    expect(both.open(old, 'c')).toBe(text)
    expect(renewed.open(both.seal(text, 'c'), 'c')).toBe(text)
    expect(() => renewed.open(old, 'c')).toThrow('names a key that is not there')
  })
})

describe('the variable', () => {
  const schema = z.object({ KEYS: sealingKeysVariable })
  const parse = (value: unknown) => parseConfig(schema, { KEYS: JSON.stringify(value) }).KEYS
  it('holds 32 bytes a key, by name', () => {
    expect(parse({ current: 'k1', keys: { k1: first.toString('base64') } })).toEqual(keys)
  })
  it.each([
    { current: 'k1', keys: {} },
    { current: 'k2', keys: { k1: first.toString('base64') } },
    { current: 'k1', keys: { k1: randomBytes(16).toString('base64') } },
    { current: 'k1', keys: { k1: 'not base64!' } },
    { current: 'k 1', keys: { 'k 1': first.toString('base64') } },
  ])('refuses %j without saying a key', (value) => {
    expect(() => parse(value)).toThrow(/^The environment has \d problem/)
    expect(() => parse(value)).not.toThrow(first.toString('base64'))
  })
})
