import { glob, readFile } from 'node:fs/promises'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import type { Resource } from '../../manifests/resource.ts'

type Schema = { [keyword: string]: unknown }
type Definition = { group: string; version: string; kind: string; schema: Schema }

const metadata: Schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 253 },
    namespace: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' },
    labels: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$' },
    },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
}
/** Fields that these definitions let through without listing, because they come with a feature of their own. */
const unlisted: Record<string, Schema> = { delivery: { timeout: { type: 'string' } } }
/** Definitions that keep unknown fields at places where they list every field that we use. */
const closed = new Set(['Trigger', 'Broker'])

export type SchemaCheck = (resource: Resource) => string[]

/** Reads the definitions in `folder`. Unknown fields are refused: the API server would drop them without a word. */
export async function loadSchemaCheck(
  folder: string,
  features: Readonly<Record<string, string>>,
): Promise<SchemaCheck> {
  const ajv = createAjv(features)
  const checks = new Map<string, ValidateFunction>()
  for await (const name of glob('*.yaml', { cwd: folder })) {
    const found: Definition | Definition[] = parse(await readFile(`${folder}/${name}`, 'utf8'))
    for (const { group, version, kind, schema } of [found].flat()) {
      const apiVersion = group === '' ? version : `${group}/${version}`
      checks.set(
        `${apiVersion} ${kind}`,
        ajv.compile(withTypeAndMetadata(strict(schema, closed.has(kind)), apiVersion, kind)),
      )
    }
  }
  return (resource) => {
    const check = checks.get(`${resource.apiVersion} ${resource.kind}`)
    if (!check) return [`no schema for "${resource.apiVersion}" "${resource.kind}"; add one to scripts/check/schemas`]
    const isValid: boolean = check(resource)
    if (isValid) return []
    return (check.errors ?? []).map(({ instancePath, message, params }) =>
      'additionalProperty' in params
        ? `"${instancePath}/${params.additionalProperty}" is no field of ${resource.kind}`
        : `"${instancePath}" ${message}`,
    )
  }
}

function createAjv(features: Readonly<Record<string, string>>): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addKeyword({
    keyword: 'x-feature-flag',
    schemaType: 'string',
    error: { message: ({ schema }) => `needs the feature "${schema}" in knative/serving/config-features.patch.yaml` },
    validate: (flag: string) => ['enabled', 'allowed'].includes((features[flag] ?? 'disabled').toLowerCase()),
  })
  return ajv
}

function withTypeAndMetadata(schema: Schema, apiVersion: string, kind: string): Schema {
  const properties = {
    ...(schema.properties as Schema),
    apiVersion: { const: apiVersion },
    kind: { const: kind },
    metadata,
  }
  return { ...schema, properties, required: ['apiVersion', 'kind', 'metadata'], additionalProperties: false }
}

function strict(schema: Schema, isClosed: boolean, name = ''): Schema {
  const result: Schema = { ...schema }
  if (schema['x-kubernetes-int-or-string'] === true) {
    delete result.type
    result.anyOf = [{ type: 'integer' }, { type: 'string' }]
  }
  if (isSchema(schema.items)) result.items = strict(schema.items, isClosed)
  if (isSchema(schema.properties)) {
    const all = { ...schema.properties, ...unlisted[name] }
    const entries = Object.entries(all).map(([key, value]) => [
      key,
      isSchema(value) ? strict(value, isClosed, key) : value,
    ])
    result.properties = Object.fromEntries(entries)
    if (isClosed || schema['x-kubernetes-preserve-unknown-fields'] !== true) result.additionalProperties ??= false
  }
  return result
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
