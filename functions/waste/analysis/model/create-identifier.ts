import { createPseudonym } from '../../../_lib/access/pseudonym.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { ConfigOf } from '../../../_lib/variables/variable.ts'
import type { model } from '../variables.ts'
import type { AskModelDeps } from './ask-model.ts'
import { callsMax, type IdentifyWasteDeps, identifyWaste } from './identify-waste.ts'
import { createModelCalls } from './model-calls.pg.ts'
import { createVision } from './vision.openai.ts'

/** Calls the configured model with a photo, within the budget that all workers share. */
export function createIdentifier(
  database: Database,
  config: ConfigOf<ReturnType<typeof model>>,
): AskModelDeps['identifyWaste'] {
  const deps: IdentifyWasteDeps = {
    modelCalls: createModelCalls(database, {
      callsPerMinuteMax: config.MODEL_CALLS_PER_MINUTE_MAX,
      callsPerDayMax: config.MODEL_CALLS_PER_DAY_MAX,
      callsPerJobMax: callsMax,
    }),
    classifyPhoto: createVision({
      baseUrl: config.OPENAI_BASE_URL,
      apiKey: config.OPENAI_API_KEY,
      model: config.OPENAI_MODEL,
      timeoutMs: config.MODEL_TIMEOUT_MS,
    }),
    safetyIdentifierOf: createPseudonym(config.PSEUDONYM_KEY, 'model-safety-identifier'),
    random: Math.random,
  }
  return (run, jpeg) => identifyWaste(deps, run, jpeg)
}
