import type { FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'

/** Text of each file, by path relative to the repository. */
export type Files = Record<string, string>

export function functionFile(spec: FunctionSpec): string {
  return `import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default ${JSON.stringify(spec, null, 2)} satisfies FunctionSpec
`
}
