import { createHash } from 'node:crypto'

/** A person who signs in. Everything is derived from the name, so a restart changes nothing. */
export type Person = {
  /** As typed: a name or an e-mail address. */
  name: string
  /** Marks the person as simulated. */
  displayName: string
  email: string
  /** 64 hex digits; each provider derives its subject from it. */
  seed: string
}

/** Derives a person. E-mail addresses are kept; other names get an address at example.com. */
export function createPerson(name: string): Person {
  const key = name.trim().normalize('NFC').toLowerCase()
  const seed = sha256(key)
  const email = key.includes('@') ? key : `person-${seed.slice(0, 10)}@example.com`
  return { name, displayName: `${name.trim().split('@')[0]} (simulated)`, email, seed }
}

/** URL of a picture of the person, which does not exist. */
export function pictureOf(person: Person): string {
  return `https://pictures.example.com/simulated/${person.seed.slice(0, 16)}.jpg`
}

/** A decimal subject of `digits` digits that never starts with 0. */
export function decimalSubject(purpose: string, seed: string, digits: number): string {
  const number = BigInt(`0x${sha256(`${purpose}:${seed}`)}`)
  const lowest = 10n ** BigInt(digits - 1)
  return String(lowest + (number % (9n * lowest)))
}

/** A URL-safe subject of `length` characters. */
export function opaqueSubject(purpose: string, seed: string, length: number): string {
  return createHash('sha256').update(`${purpose}:${seed}`).digest('base64url').slice(0, length)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
