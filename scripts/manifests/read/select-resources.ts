import * as z from 'zod'
import type { Resource } from '../resource.ts'

const requirement = /^([A-Za-z0-9./_-]+)(?:=([A-Za-z0-9._-]+)| in \(([A-Za-z0-9._, -]+)\))$/

/** The target of a patch: all that it names must fit. Of label selectors, `key=value` and `key in (one, other)`, one at a time. */
export const selectorSchema = z.strictObject({
  kind: z.string().optional(),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected a name; kustomize would take another for a regular expression')
    .optional(),
  labelSelector: z.string().regex(requirement, 'expected "key=value" or "key in (one, other)"').optional(),
})

export type Selector = z.output<typeof selectorSchema>

/** Whether a resource is a target of the selector. */
export function selects({ kind, name, labelSelector }: Selector, { kind: ofKind, metadata }: Resource): boolean {
  if (kind !== undefined && kind !== ofKind) return false
  if (name !== undefined && name !== metadata.name) return false
  if (labelSelector === undefined) return true
  const [, key = '', value, values] = requirement.exec(labelSelector) ?? []
  const accepted = value === undefined ? (values ?? '').split(',').map((each) => each.trim()) : [value]
  const label = metadata.labels?.[key]
  return label !== undefined && accepted.includes(label)
}
