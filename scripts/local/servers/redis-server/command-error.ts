/** An answer that starts with "-": the text that the client reads, code first. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

export const syntaxError = () => new CommandError('ERR syntax error')
export const notAnInteger = () => new CommandError('ERR value is not an integer or out of range')
export const outOfMemory = () => new CommandError("OOM command not allowed when used memory > 'maxmemory'.")
export const wrongArity = (command: string) =>
  new CommandError(`ERR wrong number of arguments for '${command}' command`)
export const wrongType = () => new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const invalidExpireTime = (command: string) =>
  new CommandError(`ERR invalid expire time in '${command}' command`)
