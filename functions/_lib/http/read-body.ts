import type { Context } from 'hono'
import * as z from 'zod'
import { ProblemError } from './errors.ts'

/**
 * Reads the JSON body of a request and parses it by `schema`. Throws `ProblemError` 415 for another media type, and 400 that lists the
 * wrong fields.
 *
 * @example
 * const { locale } = await readJsonBody(c, z.strictObject({ locale: z.enum(['ko', 'en']) }))
 */
export async function readJsonBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const mediaType = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') {
    throw new ProblemError('unsupported_media_type', {
      reason: 'json_expected',
      detail: { ko: 'application/json 형식이어야 합니다.', en: 'The body must be application/json.' },
    })
  }
  const text = await c.req.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw invalidRequest([{ pointer: '', detail: 'is not JSON' }])
  }
  return parseRequest(schema, body)
}

/** Whether a path parameter is a UUID. Handlers answer 404 for any other text, as for an unknown id. */
export function isUuid(text: string): boolean {
  return z.uuid().safeParse(text).success
}

/** Parses a value of a request by `schema`. Throws `ProblemError` 400 that lists up to 20 wrong fields as JSON pointers (RFC 6901). */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(
    parsed.error.issues.flatMap((issue) =>
      // zod reports all unknown keys of one object in one issue.
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not known' }))
        : [{ pointer: pointerTo(issue.path), detail: issue.message }],
    ),
  )
}

const pointerTo = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function invalidRequest(fields: { pointer: string; detail: string }[]): ProblemError {
  return new ProblemError('invalid_request', {
    reason: 'invalid_request',
    detail: { ko: '요청 형식이 올바르지 않습니다.', en: 'The request is not valid.' },
    fields: fields.slice(0, 20),
  })
}
