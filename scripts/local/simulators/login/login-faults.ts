import * as z from 'zod'
import { CALL_FAULTS } from '../call-faults.ts'

export const LOGIN_ENDPOINTS = ['discovery', 'jwks', 'authorize', 'token', 'profile'] as const
export type LoginEndpoint = (typeof LOGIN_ENDPOINTS)[number]

export const ID_TOKEN_FAULTS = [
  'wrong_audience',
  'wrong_issuer',
  'wrong_nonce',
  'missing_nonce',
  'expired',
  /** Signed by another key under the published key's name. */
  'bad_signature',
  /** Signed by a key that is not published. */
  'unknown_key',
] as const
export type IdTokenFault = (typeof ID_TOKEN_FAULTS)[number]

const endpoints = z.union([z.boolean(), z.array(z.enum(LOGIN_ENDPOINTS))])

const settings = z.strictObject({
  /** Endpoints that answer 503; `true` means all of them. */
  down: endpoints,
  /** Outcomes of the next calls of the endpoints in `queueFor`, in order; `ok` lets a call through. */
  queue: z.array(z.enum(['ok', ...CALL_FAULTS])),
  queueFor: endpoints,
  retryAfterSeconds: z.number().positive(),
  /** Delay before every answer of the endpoints in `slow`. */
  latencyMs: z.number().min(0),
  slow: endpoints,
  /** The fault of every ID token, or null. */
  idTokenFault: z.enum(ID_TOKEN_FAULTS).nullable(),
  /** The person denies the request: the redirect carries `error=access_denied`. */
  accessDenied: z.boolean(),
  /** Names of people without an e-mail address. */
  emailMissing: z.array(z.string()),
  /** Names of people whose address is not verified. */
  emailUnverified: z.array(z.string()),
})

export type LoginFaultSettings = z.infer<typeof settings>

const command = settings.partial().extend({
  /** Replaces the signing key at once; `keep_old` keeps the old one published. */
  rotateKey: z.strictObject({ keep_old: z.boolean() }).optional(),
})

/** Parses untrusted JSON text with snake_case names; throws a ZodError or SyntaxError. */
export function parseLoginCommand(json: string): z.infer<typeof command> {
  const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(json))
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return command.parse(Object.fromEntries(Object.entries(fields).map(([key, value]) => [camel(key), value])))
}

/** Validates settings given in process. */
export function parseLoginSettings(changes: Partial<LoginFaultSettings>): Partial<LoginFaultSettings> {
  return settings.partial().parse(changes)
}

/** The settings with snake_case names. */
export function toWireSettings(current: LoginFaultSettings): object {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(current).map(([key, value]) => [snake(key), value]))
}

export function noFaults(): LoginFaultSettings {
  return {
    down: false,
    queue: [],
    queueFor: ['profile'],
    retryAfterSeconds: 1,
    latencyMs: 0,
    slow: true,
    idTokenFault: null,
    accessDenied: false,
    emailMissing: [],
    emailUnverified: [],
  }
}

export function concerns(setting: boolean | LoginEndpoint[], endpoint: LoginEndpoint): boolean {
  return Array.isArray(setting) ? setting.includes(endpoint) : setting
}
