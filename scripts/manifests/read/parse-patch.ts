import { applyPatch } from 'rfc6902'
import { parse } from 'yaml'
import * as z from 'zod'
import type { Resource } from '../resource.ts'

// https://www.rfc-editor.org/rfc/rfc6902#section-4, as far as overlays need it.
const patchSchema = z.array(
  z.discriminatedUnion('op', [
    z.strictObject({ op: z.literal(['add', 'replace']), path: z.string().startsWith('/'), value: z.json() }),
    z.strictObject({ op: z.literal('remove'), path: z.string().startsWith('/') }),
  ]),
)

/**
 * Reads a JSON patch (RFC 6902) whose text is YAML, and gives the function that applies it to a copy. Throws for another kind of
 * patch, such as the strategic merge that kustomize knows too; the function throws for a path that is not there. `where` is
 * named in the errors.
 */
export function parsePatch(text: string, where: string): (resource: Resource) => Resource {
  const operations = patchSchema.safeParse(parse(text))
  if (!operations.success) {
    throw new Error(`"${where}" holds a patch that is no JSON patch of RFC 6902: ${z.prettifyError(operations.error)}`)
  }
  return (resource) => {
    const patched = structuredClone(resource)
    const [failure] = applyPatch(patched, operations.data).filter((error) => error !== null)
    if (failure)
      throw new Error(
        `"${where}": a patch does not fit ${resource.kind} "${resource.metadata.name}": ${failure.message}`,
      )
    return patched
  }
}
