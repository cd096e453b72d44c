import type { KubernetesObject } from '../run/kubectl.ts'

type ContainerStatus = {
  name: string
  ready: boolean
  restartCount: number
  state: {
    waiting?: { reason: string; message?: string }
    terminated?: { reason: string; exitCode: number }
    running?: object
  }
  lastState?: { terminated?: { reason: string; exitCode: number } }
}

type Condition = { type: string; status: string; reason?: string; message?: string }

/** Why a pod is not ready, in one sentence; undefined for one that is ready, has ended well, or is being removed. */
export function describePod({ metadata, status }: KubernetesObject): string | undefined {
  if (metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded') return undefined
  const conditions: Condition[] = status.conditions ?? []
  if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return undefined
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled) return `no node takes it: ${unscheduled.message ?? unscheduled.reason}`
  const containers: ContainerStatus[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const sentences = containers.filter(({ ready }) => !ready).map(describeContainer)
  return sentences.join('; ') || (status.message ?? `it is ${String(status.phase).toLowerCase()}`)
}

function describeContainer({ name, state, lastState, restartCount }: ContainerStatus): string {
  const before = lastState?.terminated
  const restarts = restartCount > 0 ? `, ${restartCount} restarts` : ''
  const ended = before ? `, ended before with ${before.exitCode} (${before.reason})` : ''
  if (state.waiting)
    return `"${name}" waits: ${state.waiting.reason}${state.waiting.message ? `: ${state.waiting.message}` : ''}${ended}${restarts}`
  if (state.terminated)
    return `"${name}" ended with ${state.terminated.exitCode} (${state.terminated.reason})${restarts}`
  return `"${name}" runs and is not ready yet${ended}${restarts}`
}

/** What a Knative object says about itself when it is not ready: its own conditions that do not hold. */
export function describeReadiness({ status }: KubernetesObject): string | undefined {
  const conditions: Condition[] = status?.conditions ?? []
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') return undefined
  if (!ready) return 'nothing has looked at it yet'
  const causes = conditions.filter(({ type, status }) => type !== 'Ready' && status !== 'True')
  const described = (causes.length > 0 ? causes : [ready]).map(
    ({ type, reason, message }) => `${type}: ${message || reason || 'not known yet'}`,
  )
  return described.join('; ')
}
