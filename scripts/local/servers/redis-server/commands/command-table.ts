import type { Command } from '../command.ts'
import { connectionCommands } from './connection.ts'
import { expiryCommands } from './expiry.ts'
import { keyCommands } from './keys.ts'
import { publishSubscribeCommands } from './publish-subscribe.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './sets.ts'
import { stringCommands } from './strings.ts'
import { transactionCommands } from './transactions.ts'

/** Every command by its name in lower case. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    ...connectionCommands,
    ...serverCommands,
    ...keyCommands,
    ...expiryCommands,
    ...stringCommands,
    ...setCommands,
    ...transactionCommands,
    ...publishSubscribeCommands,
  ].map((command) => [command.name, command]),
)
