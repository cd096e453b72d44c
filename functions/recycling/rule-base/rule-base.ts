import * as z from 'zod'
import { glassAndMetalRules } from './glass-and-metal.ts'
import { otherWasteRules } from './other-waste.ts'
import { paperRules } from './paper.ts'
import { plasticRules } from './plastics.ts'
import { type RecyclingRule, ruleSchema } from './rule.ts'
import { specialCollectionRules } from './special-collection.ts'

/** Every national rule, one for each category, validated when this module is loaded. */
export const ruleBase: readonly RecyclingRule[] = z
  .array(ruleSchema)
  .parse([...paperRules, ...glassAndMetalRules, ...plasticRules, ...specialCollectionRules, ...otherWasteRules])
