import type { Command } from '../command.ts'
import { connectionCommands } from './connection.ts'
import { expiryCommands } from './expiry.ts'
import { hashCommands } from './hashes.ts'
import { keyCommands } from './keys.ts'
import { listCommands } from './lists.ts'
import { publishSubscribeCommands } from './publish-subscribe.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './sets.ts'
import { sortedSetReadCommands } from './sorted-set-reads.ts'
import { sortedSetWriteCommands } from './sorted-set-writes.ts'
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
    ...hashCommands,
    ...setCommands,
    ...sortedSetReadCommands,
    ...sortedSetWriteCommands,
    ...listCommands,
    ...transactionCommands,
    ...publishSubscribeCommands,
  ].map((command) => [command.name, command]),
)
