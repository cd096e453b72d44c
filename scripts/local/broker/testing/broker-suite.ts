import { describeBinding } from './binding-suite.ts'
import { describeControl } from './control-suite.ts'
import { describeDelivery } from './delivery-suite.ts'
import { describeEndOfDispatchers } from './end-suite.ts'
import type { StartFlavour } from './flavour.ts'
import { describeIngress } from './ingress-suite.ts'
import { testThatEveryCaseIsShown } from './knative-cases.ts'
import { describeOutcomes } from './outcome-suite.ts'
import { describeRouting } from './routing-suite.ts'

/** Everything that a flavour of the broker must do. */
export function describeBroker(start: StartFlavour): void {
  describeBinding(start)
  describeIngress(start)
  describeRouting(start)
  describeDelivery(start)
  describeOutcomes(start)
  describeControl(start)
  describeEndOfDispatchers(start)
  testThatEveryCaseIsShown()
}
