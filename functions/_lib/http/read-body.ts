import type { Context } from 'hono'
import * as z from 'zod'
import { ProblemError } from './errors.ts'

/**
 * The JSON body of a request, as `schema` gives it. Throws `ProblemError` 415 for another media type and 400 with every wrong field.
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

/** Whether a path parameter is a UUID. What is none cannot exist, so the caller answers the same 404 as for an unknown id. */
export function isUuid(text: string): boolean {
  return z.uuid().safeParse(text).success
}

/** A value that the caller sent, as `schema` gives it. Throws `ProblemError` 400 with every wrong field as a JSON pointer (RFC 6901). */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(
    parsed.error.issues.flatMap((issue) =>
      // One issue names all unknown keys, at the object that holds them.
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
