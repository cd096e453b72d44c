import { RefusedError } from './operations-client.ts'
import {
  exitCodeOf,
  flag,
  messageOf,
  openOperations,
  operatorOptions,
  readArguments,
  text,
  UsageError,
} from './operator-command.ts'
import { renderDeadLetter, renderReport, renderTable } from './render.ts'

const usage = `Usage: ./scripts/dead-letters COMMAND [options]

  list                list dead letters, the newest first
  show ID             show all fields of one
  replay ID           publish its event again (--force: even if it is not open)
  replay --filter     publish the events of all open ones that match again, at most 1000 (--dry-run: only count)
  discard ID          close one for good

Filters of list and replay
  --type TYPE  --consumer FUNCTION  --reason REASON  --from TIME  --to TIME (RFC 3339)
  --state open|replayed|discarded|closed  --kind rejected|dead_letter      only of list

Options
  --limit N           of list (20, at most 100) and replay --filter (1000)
  --cursor CURSOR     continue where the last answer ended
  --base-url URL      the deployment (http://127.0.0.1:8080)
  --token TOKEN       of an operator (GROWBIN_OPERATOR_TOKEN; else one for the platform on this machine)
  --data DIRECTORY    where ./scripts/start keeps its data (.local/start)
  --json              print the answer as JSON
  --help              this text

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no such dead letter, 4 the token is refused`

const options = {
  ...operatorOptions,
  ...{ type: text, consumer: text, reason: text, from: text, to: text },
  ...{ state: text, kind: text, limit: text, cursor: text },
  ...{ filter: flag, force: flag, 'dry-run': flag, json: flag },
} as const
const filterNames = ['type', 'consumer', 'reason', 'from', 'to'] as const
const listNames = [...filterNames, 'state', 'kind', 'limit', 'cursor'] as const

async function main(): Promise<void> {
  const { values, positionals } = readArguments(options)
  if (values.help) return console.log(usage)
  const [command, id, ...rest] = positionals
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many`)
  const { client } = openOperations(values)
  const print = <Answer>(answer: Answer, render: (answer: Answer) => string) =>
    console.log(values.json ? JSON.stringify(answer, null, 2) : render(answer))
  const given = (names: readonly (typeof listNames)[number][]) =>
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as [string, string]]))
  const needId = (): string => {
    if (!id) throw new UsageError(`"${command}" needs the ID of a dead letter`)
    return id
  }

  if (command === 'list') {
    if (id) throw new UsageError(`"list" takes no ID, found "${id}"`)
    return print(await client.list(new URLSearchParams(given(listNames))), ({ items, next_cursor }) =>
      items.length === 0
        ? 'There are no such dead letters.'
        : renderTable(items) + (next_cursor ? `\nMore: --cursor ${next_cursor}` : ''),
    )
  }
  if (command === 'show') return print(await client.read(needId()), renderDeadLetter)
  if (command === 'discard') return print(await client.discard(needId()), () => `${id} is discarded`)
  if (command === 'replay' && values.filter) {
    if (id || values.force) throw new UsageError('"replay --filter" takes neither an ID nor --force')
    if (values.state || values.kind) throw new UsageError('"replay --filter" reads only open dead letters')
    const limit = values.limit === undefined ? {} : { limit: Number(values.limit) }
    const cursor = values.cursor === undefined ? {} : { cursor: values.cursor }
    const request = { filter: Object.fromEntries(given(filterNames)), ...limit, ...cursor }
    return print(await client.replayByFilter({ ...request, dry_run: values['dry-run'] }), renderReport)
  }
  if (command === 'replay') {
    // A forgotten --filter must not replay, and neither must --dry-run.
    if (values['dry-run'] || given(listNames).length > 0)
      throw new UsageError('"replay ID" takes no filter and no --dry-run; "replay --filter" does')
    return print(await client.replay(needId(), values.force), ({ replayed, trace_id }) =>
      replayed ? `${id} is replayed, in the trace ${trace_id}` : `${id} was replayed before; --force sends it again`,
    )
  }
  throw new UsageError(command ? `"${command}" is no command` : 'A command is missing')
}

try {
  await main()
} catch (error) {
  console.error(messageOf(error, './scripts/dead-letters'))
  const isMissing = error instanceof RefusedError && error.status === 404
  process.exitCode = isMissing ? 3 : exitCodeOf(error)
}
