import * as z from 'zod'
import type { Resource } from '../resource.ts'

/** How a resource is named in messages, such as `Trigger "messaging/q-ai"`. */
export const describeResource = ({ kind, metadata }: Resource): string =>
  `${kind} "${metadata.namespace ?? ''}/${metadata.name}"`

/** The resource as `schema` reads it. Throws one error that names every field that is unknown, missing or wrong. */
export function readResource<Schema extends z.ZodType>(schema: Schema, resource: Resource): z.output<Schema> {
  const parsed = schema.safeParse(resource)
  if (parsed.success) return parsed.data
  throw new Error(`${describeResource(resource)} is not understood: ${z.prettifyError(parsed.error)}`)
}

/** Name and namespace, and what else stands beside them. Every label is let through; of annotations those in `annotations`. */
export const metadataSchema = <Annotations extends z.ZodType>(annotations: Annotations) =>
  z.strictObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations,
  })
