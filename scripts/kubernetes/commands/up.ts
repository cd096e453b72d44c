import { controlPlaneStep } from '../control-plane/api-server.ts'
import { certificatesStep } from '../control-plane/certificates.ts'
import { dnsStep } from '../control-plane/dns.ts'
import { nodeImagesStep, systemImagesStep } from '../images/system-images.ts'
import { containerdStep } from '../node/containerd.ts'
import { disksStep } from '../node/disks.ts'
import { kubeletStep } from '../node/kubelet.ts'
import { networkStep } from '../node/network.ts'
import { nodeProgramSteps, systemProgramSteps } from '../programs/program-steps.ts'
import { eventingStep } from '../releases/eventing.ts'
import { operatorsStep } from '../releases/operators.ts'
import { servingStep } from '../releases/serving.ts'
import { runSteps } from '../run/run-steps.ts'
import type { CommandContext } from './command-options.ts'
import { needRoot } from './need-root.ts'

/** Everything from the first package to operators that are ready. */
export async function up({ settings, kube, repository, print, now }: CommandContext): Promise<number> {
  needRoot()
  const steps = [
    ...nodeProgramSteps(settings, repository),
    networkStep(settings),
    containerdStep(settings),
    nodeImagesStep(settings),
    certificatesStep(settings),
    controlPlaneStep(settings, kube),
    kubeletStep(settings, kube),
    dnsStep(settings, kube),
    disksStep(settings, kube),
    ...systemProgramSteps(settings),
    systemImagesStep(settings),
    servingStep(settings, kube, repository),
    eventingStep(settings, kube),
    operatorsStep(settings, kube),
  ]
  await runSteps(steps, { settings, command: './scripts/cluster up', print, now })
  return 0
}
