import { type Command, command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { array, NULL_ARRAY, OK } from '../reply.ts'
import type { Session } from '../session.ts'

function leaveTransaction(session: Session) {
  session.queued = undefined
  session.queueFailed = false
}

export const transactionCommands: readonly Command[] = [
  command('multi', 1, ['fast', 'immediate'], ({ session }) => {
    if (session.queued) throw new CommandError('ERR MULTI calls can not be nested')
    session.queued = []
    return OK
  }),
  command('discard', 1, ['fast', 'immediate'], ({ session, engine }) => {
    if (!session.queued) throw new CommandError('ERR DISCARD without MULTI')
    leaveTransaction(session)
    engine.watches.unwatchAll(session)
    return OK
  }),
  command('exec', 1, ['immediate'], ({ session, engine, keyspace }) => {
    const { queued, queueFailed } = session
    if (!queued) throw new CommandError('ERR EXEC without MULTI')
    // A watched key may have expired without anyone having asked for it.
    for (const name of session.watched) watchedKeyspace(name, engine.databases, keyspace).peek(watchedKey(name))
    const { watchBroken } = session
    leaveTransaction(session)
    engine.watches.unwatchAll(session)
    if (queueFailed) throw new CommandError('EXECABORT Transaction discarded because of previous errors.')
    if (watchBroken) return NULL_ARRAY
    return array(queued.map((request) => engine.run(session, request)))
  }),
  command('watch', -2, ['fast', 'immediate'], ({ session, engine, keyspace, args }) => {
    if (session.queued) throw new CommandError('ERR WATCH inside MULTI is not allowed')
    for (const key of args) {
      // Removes a key that has expired already, which must not count as a change later.
      keyspace.peek(key)
      engine.watches.watch(session, session.database, key)
    }
    return OK
  }),
  command('unwatch', 1, ['fast'], ({ session, engine }) => {
    engine.watches.unwatchAll(session)
    return OK
  }),
]

const watchedKey = (name: string) => name.slice(name.indexOf(':') + 1)
const watchedKeyspace = <Keyspace>(name: string, databases: readonly Keyspace[], otherwise: Keyspace): Keyspace =>
  databases[Number.parseInt(name, 10)] ?? otherwise
