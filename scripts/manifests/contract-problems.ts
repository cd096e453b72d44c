import { pingType } from '../../functions/_lib/events/event-contract.ts'
import type { EventUse } from './event-uses.ts'

const typePattern = /^app\.growbin\.([a-z0-9_]+)\.([a-z0-9-]+(?:\.[a-z0-9-]+)*)\.v([1-9]\d*)$/

/** What is wrong with the event contracts: the example, the type, the name of the file, or that nobody handles it. */
export function findContractProblems(events: readonly EventUse[]): string[] {
  const problems = events.flatMap((event) => {
    const found = [...exampleProblems(event), ...nameProblems(event), ...handlerProblems(event)]
    return found.map((problem) => `${event.source}: ${problem}`)
  })
  // The type that cron sources send is one for all queues; the attribute "queue" tells them apart.
  const identities = Map.groupBy(events, ({ contract }) => `${contract.type}" of the queue "${contract.queue}`)
  const twins = [...identities].filter(([, sharing]) => sharing.length > 1)
  return [
    ...problems,
    ...twins.map(
      ([identity, sharing]) =>
        `the type "${identity}" is taken twice: ${sharing.map(({ source }) => source).join(' and ')}`,
    ),
  ]
}

function exampleProblems({ contract }: EventUse): string[] {
  const { success, error } = contract.schema.safeParse(contract.example)
  if (success) return []
  return error.issues.map(({ path, message }) => `the example breaks the schema at "${path.join('.')}": ${message}`)
}

function nameProblems({ contract: { type, queue }, constant, name }: EventUse): string[] {
  const constantOf = name.replaceAll(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase())
  const exported = constant === constantOf ? [] : [`the export "${constant}" is not named as its file: "${constantOf}"`]
  if (type === pingType) {
    const agrees = new RegExp(`^${queue.replaceAll('_', '-')}-[a-z0-9-]+\\.v[1-9]\\d*$`).test(name)
    return agrees ? exported : [...exported, `the file is not named "${queue}-<task>.v<n>.ts"`]
  }
  const [, typeQueue, task = '', version] = typePattern.exec(type) ?? []
  if (!version) return [...exported, `the type "${type}" is not "app.growbin.<queue>.<task>.v<n>"`]
  const fileName = `${queue.replaceAll('_', '-')}-${task.replaceAll('.', '-')}.v${version}`
  return [
    ...exported,
    ...(typeQueue === queue ? [] : [`the type "${type}" names another queue than "${queue}"`]),
    ...(name === fileName ? [] : [`the type "${type}" belongs in a file named "${fileName}.ts"`]),
  ]
}

function handlerProblems({ constant, handlers }: EventUse): string[] {
  return handlers.length > 0 ? [] : [`no function handles the event; expected "${constant}" in "handles" of one`]
}
