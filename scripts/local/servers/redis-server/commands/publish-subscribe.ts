import { type Call, type Command, command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { createGlobMatcher } from '../match-glob.ts'
import { array, bulk, bulkOrNull, bulks, integer, push, type Reply, sequence } from '../resp/reply.ts'

const subscriptionCount = ({ session }: Call) => session.channels.size + session.patterns.size

const confirm = (call: Call, name: string | undefined): Reply =>
  push([bulk(call.name), bulkOrNull(name), integer(subscriptionCount(call))])

const subscribe = (act: (call: Call, name: string) => void) => (call: Call) =>
  sequence(
    call.args.map((name) => {
      act(call, name)
      return confirm(call, name)
    }),
  )

/** Without names, all subscriptions end; without subscriptions there is still one answer. */
const unsubscribe =
  (all: (call: Call) => Iterable<string>, act: (call: Call, name: string) => void) =>
  (call: Call): Reply => {
    const names = call.args.length > 0 ? call.args : [...all(call)]
    if (names.length === 0) return confirm(call, undefined)
    return subscribe(act)({ ...call, args: names })
  }

function inspect({ args, engine }: Call): Reply {
  const [subcommand = '', ...names] = args
  const { subscriptions } = engine
  if (/^channels$/i.test(subcommand) && names.length <= 1)
    return array(bulks(subscriptions.channels().filter(createGlobMatcher(names[0] ?? '*'))))
  throw new CommandError(`ERR unknown subcommand '${subcommand}'. Try PUBSUB HELP.`)
}

export const publishSubscribeCommands: readonly Command[] = [
  command('publish', 3, [], ({ args, engine }) => integer(engine.subscriptions.publish(args[0] ?? '', args[1] ?? ''))),
  command(
    'subscribe',
    -2,
    [],
    subscribe((call, name) => call.engine.subscriptions.subscribe(call.session, name)),
  ),
  command(
    'psubscribe',
    -2,
    [],
    subscribe((call, name) => call.engine.subscriptions.subscribePattern(call.session, name)),
  ),
  command(
    'unsubscribe',
    -1,
    [],
    unsubscribe(
      (call) => call.session.channels,
      (call, name) => call.engine.subscriptions.unsubscribe(call.session, name),
    ),
  ),
  command(
    'punsubscribe',
    -1,
    [],
    unsubscribe(
      (call) => call.session.patterns,
      (call, name) => call.engine.subscriptions.unsubscribePattern(call.session, name),
    ),
  ),
  command('pubsub', -2, [], inspect),
]
