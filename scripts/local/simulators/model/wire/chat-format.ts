import type { ModelAnswer } from '../answer/answer-request.ts'
import type { ModelRequest } from './model-request.ts'
import { type AnswerIdentity, pieces } from './responses-format.ts'

/** The parts of an answer of POST /v1/chat/completions: one body, or server-sent events. */
export function chatParts(identity: AnswerIdentity, request: ModelRequest, answer: ModelAnswer): string[] {
  if (!request.stream) return [JSON.stringify(toChatCompletion(identity, answer))]
  const chunks = [...toChatChunks(identity, request, answer)].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  return [...chunks, 'data: [DONE]\n\n']
}

function toChatCompletion(identity: AnswerIdentity, answer: ModelAnswer) {
  const content = answer.refusal ? null : answer.text
  return {
    ...head(identity, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: answer.refusal ?? null, annotations: [] },
        logprobs: null,
        finish_reason: answer.finish,
      },
    ],
    usage: chatUsage(answer),
  }
}

/** The same answer as the chunks of a stream, in order. */
function* toChatChunks(identity: AnswerIdentity, request: ModelRequest, answer: ModelAnswer) {
  const usage = request.includeUsage ? { usage: null } : {}
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head(identity, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...usage,
  })
  yield chunk({ role: 'assistant', content: answer.refusal ? null : '', refusal: null })
  for (const piece of pieces(answer.refusal ?? answer.text))
    yield chunk(answer.refusal ? { refusal: piece } : { content: piece })
  yield chunk({}, answer.finish)
  if (request.includeUsage) yield { ...head(identity, 'chat.completion.chunk'), choices: [], usage: chatUsage(answer) }
}

function head({ id, createdAtSeconds, model }: AnswerIdentity, object: string) {
  return {
    id: `chatcmpl-${id}`,
    object,
    created: createdAtSeconds,
    model,
    service_tier: 'default',
    system_fingerprint: 'fp_growbin_simulated',
  }
}

function chatUsage({ usage: { inputTokens, outputTokens, reasoningTokens } }: ModelAnswer) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens, audio_tokens: 0 },
  }
}
