import type { FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import { connectionsMax } from '../parse-request.ts'
import { wordsOf } from '../words.ts'

/** Text of each file, by path relative to the repository. */
export type Files = Record<string, string>

type Parts = {
  /** Imports beside that of `defineFunction` and `database`. */
  imports: string
  /** Groups of the platform beside `database`, as they stand in `variables`. */
  groups: string
  /** Names of the contracts that it handles. */
  handles?: string
}

/** `function.ts` of a new function: its description as it was asked for, with its variables as groups. */
export function functionFile(spec: FunctionSpec, { imports, groups, handles }: Parts): string {
  const { handles: _, publishes: __, variables: ___, timeoutSeconds: ____, ...rest } = spec
  const body = JSON.stringify(rest, null, 2).replace(/\n}$/, '')
  return `${imports}import { defineFunction } from '../../_lib/process/function-spec.ts'

export default defineFunction(${body},
  ${handles ? `handles: [${handles}],` : ''}
  variables: { ${groups}, ...database('${wordsOf(spec.name).login}', { connectionsMax: ${connectionsMax} }) },
})
`
}

/** Of functions that receive events. */
export const eventParts = {
  imports: `import { eventKeys } from '../../_lib/events/event-keys.ts'
import { database } from '../../_lib/variables/groups.ts'
`,
  groups: '...eventKeys()',
}
