import { type Call, type Command, command, findValue, READ } from '../command.ts'
import { CommandError, syntaxError } from '../command-error.ts'
import { parseInteger } from '../numbers.ts'
import { array, bulk, double, integer, NULL, type Reply } from '../reply.ts'
import type { ScoredMember } from '../sorted-set.ts'
import { toSlice } from './lists.ts'
import { readScoreRange } from './score-range.ts'

type RangeOptions = { byScore: boolean; reverse: boolean; withScores: boolean; limit?: [offset: number, count: number] }

const orderedOf = (call: Call) => findValue(call, call.args[0] ?? '', 'zset')?.scored.ordered() ?? []

function readRangeOptions(words: readonly string[], fixed: { byScore: boolean; reverse: boolean } | undefined) {
  const read: RangeOptions = { byScore: false, reverse: false, withScores: false, ...fixed }
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]?.toUpperCase()
    if (word === 'WITHSCORES') read.withScores = true
    else if (word === 'LIMIT' && at + 2 < words.length) {
      read.limit = [parseInteger(words[at + 1] ?? ''), parseInteger(words[at + 2] ?? '')]
      at += 2
    } else if (word === 'BYSCORE' && !fixed) read.byScore = true
    else if (word === 'REV' && !fixed) read.reverse = true
    else throw syntaxError()
  }
  if (read.limit && !read.byScore)
    throw new CommandError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  return read
}

function limited(members: readonly ScoredMember[], limit: RangeOptions['limit']): readonly ScoredMember[] {
  if (!limit) return members
  const [offset, count] = limit
  if (offset < 0) return []
  return members.slice(offset, count < 0 ? undefined : offset + count)
}

function withOptions(call: Call, members: readonly ScoredMember[], options: RangeOptions): Reply {
  if (!options.withScores) return array(members.map(({ member }) => bulk(member)))
  const pairs = members.map(({ member, score }) => [bulk(member), double(score)])
  return array(call.session.protocol === 3 ? pairs.map(array) : pairs.flat())
}

function range(fixed?: { byScore: boolean; reverse: boolean }) {
  return (call: Call): Reply => {
    const [, start = '', stop = '', ...words] = call.args
    const options = readRangeOptions(words, fixed)
    if (options.byScore) {
      const inRange = options.reverse ? readScoreRange(stop, start) : readScoreRange(start, stop)
      const found = orderedOf(call).filter(inRange)
      return withOptions(call, limited(options.reverse ? found.reverse() : found, options.limit), options)
    }
    const [from, to] = [parseInteger(start), parseInteger(stop)]
    const ordered = orderedOf(call)
    const members = options.reverse ? ordered.toReversed() : ordered
    return withOptions(call, members.slice(...toSlice(from, to, members.length)), options)
  }
}

function rank(call: Call): Reply {
  const at = orderedOf(call).findIndex(({ member }) => member === call.args[1])
  return at === -1 ? NULL : integer(at)
}

function score(call: Call): Reply {
  const found = findValue(call, call.args[0] ?? '', 'zset')?.scored.score(call.args[1] ?? '')
  return found === undefined ? NULL : double(found)
}

export const sortedSetReadCommands: readonly Command[] = [
  command('zrange', -4, READ, range()),
  command('zrangebyscore', -4, READ, range({ byScore: true, reverse: false })),
  command('zrevrange', -4, READ, range({ byScore: false, reverse: true })),
  command('zrevrangebyscore', -4, READ, range({ byScore: true, reverse: true })),
  command('zcard', 2, READ, (call) => integer(orderedOf(call).length)),
  command('zscore', 3, READ, score),
  command('zrank', 3, READ, rank),
  command('zcount', 4, READ, (call) => {
    const inRange = readScoreRange(call.args[1] ?? '', call.args[2] ?? '')
    return integer(orderedOf(call).filter(inRange).length)
  }),
]
