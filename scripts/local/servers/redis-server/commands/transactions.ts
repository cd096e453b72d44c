import { type Command, command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { array, OK } from '../resp/reply.ts'

export const transactionCommands: readonly Command[] = [
  command('multi', 1, ['immediate'], ({ session }) => {
    if (session.queued) throw new CommandError('ERR MULTI calls can not be nested')
    session.queued = []
    return OK
  }),
  command('exec', 1, ['immediate'], ({ session, engine }) => {
    const { queued, queueFailed } = session
    if (!queued) throw new CommandError('ERR EXEC without MULTI')
    session.queued = undefined
    session.queueFailed = false
    if (queueFailed) throw new CommandError('EXECABORT Transaction discarded because of previous errors.')
    return array(queued.map((request) => engine.run(session, request)))
  }),
]
