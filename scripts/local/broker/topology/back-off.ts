export type BackOff = { policy: 'exponential' | 'linear'; delayMs: number }

/** Wait before retry `n` (1, 2, …). The RabbitMQ dispatcher starts at n = 1, so the first exponential wait is twice the delay. */
export function backOffMs({ policy, delayMs }: BackOff, n: number): number {
  return policy === 'linear' ? delayMs * n : delayMs * 2 ** n
}

/** Wait before reconnecting: a random part of a window that doubles to 5 s, never below 50 ms. */
export function reconnectDelayMs(failures: number, random: () => number): number {
  const windowMs = Math.min(5_000, 100 * 2 ** failures)
  return 50 + random() * (windowMs - 50)
}
