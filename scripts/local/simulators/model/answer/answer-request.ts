import { hash } from 'node:crypto'
import type { ModelOutcome } from '../faults.ts'
import type { ModelRequest } from '../wire/model-request.ts'
import { cutToTokens, inputTokens, textTokens, type Usage } from '../wire/usage.ts'
import { chatReply } from './chat-reply.ts'
import { type DecodedImage, decodeImage, parseDataUrl } from './decode-image.ts'
import { createSchemaFiller, type PreferredValues } from './fill-schema.ts'
import { createSight } from './see-image.ts'
import type { Sighting } from './sighting.ts'

const SEEN_IMAGES_MAX = 500
const SCHEMAS_MAX = 50

/** Why the text ends. */
export type Finish = 'stop' | 'length' | 'content_filter'

export type ModelAnswer = { text: string; refusal?: string; finish: Finish; usage: Usage; images: SeenImage[] }

export type SeenImage = Omit<DecodedImage, 'thumbnail'> & { sha256: string; sighting: Sighting }

/** Answers requests. Known pictures are not decoded again. */
export function createAnswerer() {
  const see = createSight()
  const seen = new Map<string, Promise<SeenImage>>()
  const fillSchema = createSchemaFiller(SCHEMAS_MAX)

  async function lookAt(url: string): Promise<SeenImage> {
    // The hash of the URL's text saves decoding base64 for every repetition of a picture.
    const key = hash('sha1', url, 'base64')
    const earlier = seen.get(key)
    if (earlier) return await earlier
    const looking = (async () => {
      const bytes = parseDataUrl(url)
      const { thumbnail, ...image } = await decodeImage(bytes)
      return { ...image, sha256: hash('sha256', bytes), sighting: await see({ ...image, thumbnail }) }
    })()
    remember(seen, key, looking, SEEN_IMAGES_MAX)
    return await looking
  }

  /** Throws an OpenAiError for a picture that cannot be read. */
  return async function answer(request: ModelRequest, outcome: ModelOutcome): Promise<ModelAnswer> {
    const images = await Promise.all(request.images.map(({ url }) => lookAt(url)))
    const reply = chatReply(request.messages)
    const sighting = images[0]?.sighting
    const whole = request.schema
      ? JSON.stringify(fillSchema(request.schema, sighting ? valuesOfSighting(sighting) : valuesOfReply(reply)))
      : sighting
        ? `[시뮬레이션] 사진 속 물건은 ${sighting.itemNameKo}(${sighting.itemNameEn})로 보입니다.`
        : reply
    const said = applyFault(whole, outcome)
    const reasoningTokens = Math.min(request.reasoningTokens, request.outputTokensMax)
    // A model that has spent its tokens on reasoning outputs nothing, not even a refusal.
    const isSpent = request.reasoningTokens >= request.outputTokensMax
    const text = cutToTokens(said.text, request.outputTokensMax - reasoningTokens)
    const { refusal } = isSpent ? {} : said
    return {
      ...(refusal && { refusal }),
      text,
      finish: isSpent || text.length < said.text.length ? 'length' : said.finish,
      usage: {
        inputTokens: inputTokens(request, images),
        outputTokens: reasoningTokens + textTokens(text + (refusal ?? '')),
        reasoningTokens,
      },
      images,
    }
  }
}

function applyFault(text: string, outcome: ModelOutcome): Pick<ModelAnswer, 'text' | 'refusal' | 'finish'> {
  switch (outcome) {
    case 'truncated_json':
      return { text: text.slice(0, Math.ceil(text.length / 2)), finish: 'length' }
    case 'schema_breaking':
      return { text: JSON.stringify({ simulated_fault: outcome }), finish: 'stop' }
    case 'refusal':
      return { text: '', refusal: 'Simulated: I cannot help with this picture.', finish: 'stop' }
    case 'content_filter':
      return { text: '', finish: 'content_filter' }
    case 'empty_output':
      return { text: '', finish: 'stop' }
    default:
      return { text, finish: 'stop' }
  }
}

function valuesOfSighting(sighting: Sighting): PreferredValues {
  return {
    is_waste: sighting.isWaste,
    item_name_ko: sighting.itemNameKo,
    item_name_en: sighting.itemNameEn,
    category: sighting.category,
    confidence: sighting.confidence,
    conditions: sighting.conditions,
  }
}

function valuesOfReply(reply: string): PreferredValues {
  return { reply, answer: reply, message: reply, text: reply, content: reply }
}

/** Keeps the newest entries. */
function remember<T>(entries: Map<string, T>, key: string, entry: T, entriesMax: number): void {
  entries.set(key, entry)
  const [oldest] = entries.keys()
  if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest)
}
