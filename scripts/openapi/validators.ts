import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { ApiDocument, JsonSchema } from './document.ts'

/** Compiles schemas that refer to components of a document. */
export type Validators = {
  /** What is wrong with the value; empty when it is valid. */
  problemsOf: (schema: JsonSchema, value: unknown) => string[]
}

const documentId = 'openapi'

export function createValidators(document: ApiDocument): Validators {
  // OpenAPI's own members stand beside those of JSON Schema; everything else is checked strictly.
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  formats.default(ajv)
  ajv.addSchema({ $id: documentId, components: document.components })
  const compiled = new Map<string, ValidateFunction>()
  return {
    problemsOf: (schema, value) => {
      const text = JSON.stringify(schema, (key, part) =>
        key === '$ref' && typeof part === 'string' ? part.replace(/^#/, `${documentId}#`) : part,
      )
      const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text))
      compiled.set(text, validate)
      if (validate(value)) return []
      return (validate.errors ?? []).map(({ instancePath, message, params }) =>
        `"${instancePath}" ${message} ${JSON.stringify(params)}`.trim(),
      )
    },
  }
}
