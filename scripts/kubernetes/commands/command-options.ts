import type { Kubectl } from '../run/kubectl.ts'
import type { Settings } from '../settings.ts'

export type CommandContext = {
  settings: Settings
  kube: Kubectl
  repository: string
  print: (line: string) => void
  now: () => Date
}
