import type { ModelAnswer } from '../answer/answer-request.ts'
import type { ModelRequest } from './model-request.ts'

/** The identity of one answer. */
export type AnswerIdentity = { id: string; createdAtSeconds: number; model: string }

/** The parts of an answer of POST /v1/responses: one body, or server-sent events. */
export function responseParts(identity: AnswerIdentity, request: ModelRequest, answer: ModelAnswer): string[] {
  if (!request.stream) return [JSON.stringify(toResponse(identity, request, answer))]
  return [...toResponseEvents(identity, request, answer)].map(
    (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  )
}

function toResponse({ id, createdAtSeconds, model }: AnswerIdentity, request: ModelRequest, answer: ModelAnswer) {
  const status = answer.finish === 'stop' ? 'completed' : 'incomplete'
  const { inputTokens, outputTokens, reasoningTokens } = answer.usage
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdAtSeconds,
    completed_at: status === 'completed' ? createdAtSeconds : null,
    status,
    background: false,
    error: null,
    incomplete_details:
      answer.finish === 'stop' ? null : { reason: answer.finish === 'length' ? 'max_output_tokens' : 'content_filter' },
    instructions: null,
    max_output_tokens: Number.isFinite(request.outputTokensMax) ? request.outputTokensMax : null,
    model,
    output: outputItems(id, status, answer),
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: request.effort, summary: null },
    service_tier: 'default',
    store: false,
    temperature: 1,
    text: { format: { type: request.schema ? 'json_schema' : 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: inputTokens + outputTokens,
    },
    metadata: { simulated: 'growbin' },
  }
}

function outputItems(id: string, status: string, { text, refusal }: ModelAnswer) {
  const part = refusal
    ? { type: 'refusal', refusal }
    : { type: 'output_text', text, annotations: [] as unknown[], logprobs: [] as unknown[] }
  return refusal || text ? [{ id: `msg_${id}`, type: 'message', status, role: 'assistant', content: [part] }] : []
}

const DELTA_CHARACTERS = 12

/** The same answer as the events of a stream, in order. */
function* toResponseEvents(identity: AnswerIdentity, request: ModelRequest, answer: ModelAnswer) {
  const response = toResponse(identity, request, answer)
  const started = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    output: [],
    usage: null,
    incomplete_details: null,
  }
  let sequence = 0
  const event = (type: string, fields: object) => ({ type, sequence_number: sequence++, ...fields })
  yield event('response.created', { response: started })
  yield event('response.in_progress', { response: started })
  const [item] = response.output
  const [part] = item?.content ?? []
  if (item && part) {
    const place = { item_id: item.id, output_index: 0, content_index: 0 }
    const empty = part.type === 'refusal' ? { ...part, refusal: '' } : { ...part, text: '' }
    const kind = part.type === 'refusal' ? 'refusal' : 'output_text'
    const whole = answer.refusal ?? answer.text
    const logprobs = kind === 'output_text' ? { logprobs: [] } : {}
    yield event('response.output_item.added', {
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    })
    yield event('response.content_part.added', { ...place, part: empty })
    for (const delta of pieces(whole)) yield event(`response.${kind}.delta`, { ...place, delta, ...logprobs })
    const done = kind === 'refusal' ? { refusal: whole } : { text: whole, logprobs: [] }
    yield event(`response.${kind}.done`, { ...place, ...done })
    yield event('response.content_part.done', { ...place, part })
    yield event('response.output_item.done', { output_index: 0, item })
  }
  yield event(`response.${response.status}`, { response })
}

/** Cuts a text for streaming, never inside a character. */
export function pieces(text: string): string[] {
  const characters = [...text]
  return Array.from({ length: Math.ceil(characters.length / DELTA_CHARACTERS) }, (_, i) =>
    characters.slice(i * DELTA_CHARACTERS, (i + 1) * DELTA_CHARACTERS).join(''),
  )
}
