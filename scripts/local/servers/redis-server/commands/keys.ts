import { type Call, type Command, command } from '../command.ts'
import { CommandError, syntaxError } from '../command-error.ts'
import { createGlobMatcher } from '../match-glob.ts'
import { parseInteger } from '../numbers.ts'
import { array, bulk, bulks, integer, OK, type Reply, simple } from '../resp/reply.ts'

const SCAN_COUNT_DEFAULT = 10

const count = (found: readonly boolean[]) => integer(found.filter(Boolean).length)

function readScanOptions(options: readonly string[]) {
  const read = { matches: (_key: string) => true, count: SCAN_COUNT_DEFAULT }
  for (let at = 0; at < options.length; at += 2) {
    const option = options[at]?.toUpperCase()
    const value = options[at + 1]
    if (value === undefined) throw syntaxError()
    if (option === 'COUNT') read.count = parseInteger(value)
    else if (option === 'MATCH') read.matches = createGlobMatcher(value)
    else throw syntaxError()
    if (read.count < 1) throw syntaxError()
  }
  return read
}

/** The cursor is the sequence of the last visited key, so a key that exists during the whole scan is returned once. */
function scan(call: Call): Reply {
  const [cursor = '', ...options] = call.args
  if (!/^\d{1,19}$/.test(cursor)) throw new CommandError('ERR invalid cursor')
  const wanted = readScanOptions(options)
  const found: string[] = []
  let looked = 0
  let lastSequence = 0
  for (const [key, keySequence] of call.keyspace.keys(Number(cursor))) {
    if (looked === wanted.count) return array([bulk(String(lastSequence)), array(bulks(found))])
    looked += 1
    lastSequence = keySequence
    if (wanted.matches(key)) found.push(key)
  }
  return array([bulk('0'), array(bulks(found))])
}

function matchingKeys(call: Call): Reply {
  const matches = createGlobMatcher(call.args[0] ?? '')
  return array(
    Array.from(call.keyspace.keys(), ([key]) => key)
      .filter(matches)
      .map(bulk),
  )
}

function flush(pick: (call: Call) => Iterable<Call['keyspace']>) {
  return (call: Call): Reply => {
    const [mode, ...more] = call.args
    if (more.length > 0 || (mode !== undefined && !/^a?sync$/i.test(mode))) throw syntaxError()
    for (const keyspace of pick(call)) keyspace.clear()
    return OK
  }
}

export const keyCommands: readonly Command[] = [
  command('del', -2, [], (call) => count(call.args.map((key) => call.keyspace.delete(key)))),
  command('exists', -2, [], (call) => count(call.args.map((key) => call.keyspace.find(key) !== undefined))),
  command('type', 2, [], (call) => simple(call.keyspace.find(call.args[0] ?? '')?.value.type ?? 'none')),
  command('keys', 2, [], matchingKeys),
  command('scan', -2, [], scan),
  command(
    'flushdb',
    -1,
    [],
    flush((call) => [call.keyspace]),
  ),
  command(
    'flushall',
    -1,
    [],
    flush((call) => call.engine.databases),
  ),
]
