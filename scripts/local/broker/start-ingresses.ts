import type { Ingress } from './ingress.ts'
import type { Plan } from './topology/plan.ts'

/** The ingress of every broker of a plan, by the name of the broker. When one cannot start, the others are closed again. */
export async function startIngresses(
  plan: Plan,
  start: (broker: string) => Promise<Ingress>,
): Promise<Map<string, Ingress>> {
  const started = new Map<string, Ingress>()
  try {
    for (const { broker } of plan.ingresses) started.set(broker, await start(broker))
    return started
  } catch (error) {
    await Promise.all([...started.values()].map((ingress) => ingress.close()))
    throw error
  }
}
