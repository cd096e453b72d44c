import { expect, it } from 'vitest'
import { aiImageAnalyzeV1 } from '../../../functions/_contracts/events/ai-image-analyze.v1.ts'
import { gpt5AnalysisItemIdentifyV1 } from '../../../functions/_contracts/events/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../../functions/_contracts/events/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../../functions/_contracts/events/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../../functions/_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import { parseCloudEvent } from '../../../functions/_lib/events/cloud-event.ts'
import { decodeHttp } from '../../local/broker/codec/http-codec.ts'
import { createRandom } from '../random.ts'
import { drawPoison } from './poison-events.ts'

const random = createRandom(1)
const contracts = [
  aiImageAnalyzeV1,
  imageUploadPhotoPrepareV1,
  gpt5AnalysisItemIdentifyV1,
  ruleRetrievalRulesRetrieveV1,
  responseGenerationAnswerComposeV1,
]
const poisons = contracts.flatMap((contract) =>
  Array.from({ length: 2_000 }, (_, nth) => drawPoison(random, nth, contract)),
)

it('draws each kind of poison, and no two events with one id', () => {
  expect(new Set(poisons.map(({ what }) => what)).size).toBe(27)
  expect(new Set(poisons.map(({ id }) => id)).size).toBe(poisons.length)
})

it('calls malformed exactly what the broker refuses', () => {
  const refused = poisons.filter(({ headers, body }) => {
    try {
      decodeHttp(Object.entries(headers).flat(), Buffer.from(body))
      return false
    } catch {
      return true
    }
  })
  expect(new Set(refused.map(({ what }) => what))).toEqual(
    new Set(poisons.filter(({ malformed }) => malformed).map(({ what }) => what)),
  )
})

it('draws nothing that a function could take for a command', () => {
  const commands = poisons.filter(({ headers, body }) => {
    try {
      const event = parseCloudEvent(new Headers(headers), body)
      return contracts.some(({ type, schema }) => event.type === type && schema.safeParse(event.data).success)
    } catch {
      return false
    }
  })
  expect(commands.map(({ what }) => what)).toEqual([])
})

it('draws the same poison again for the same seed', () => {
  const drawn = () => drawPoison(createRandom(7), 3, { queue: 'api', type: 'app.growbin.api.profile.sync.v1' })
  expect(drawn()).toEqual(drawn())
})
