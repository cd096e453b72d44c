import type { Text } from '../../_lib/http/errors.ts'
import type { Locale } from '../../_lib/http/locale.ts'
import { type FailureReason, failureReasons } from './failure-reasons.ts'

export type JobState = 'created' | 'queued' | 'processing' | 'completed' | 'failed'

export const isFinished = (state: JobState): boolean => state === 'completed' || state === 'failed'

/** The progress in per cent at the start of each stage, and its text. -1 means a failure. */
export const stages = {
  created: { progress: 0, message: { ko: '사진을 기다리고 있어요.', en: 'Waiting for your photo.' } },
  queued: { progress: 0, message: { ko: '순서를 기다리고 있어요.', en: 'Waiting for its turn.' } },
  late: {
    progress: 0,
    message: {
      ko: '분석이 늦어지고 있어요. 사진은 그대로 있으니 다시 보내지 않아도 돼요.',
      en: 'This takes longer than usual. Your photo is kept, so there is no need to send it again.',
    },
  },
  download: { progress: 10, message: { ko: '사진을 받고 있어요.', en: 'Fetching your photo.' } },
  lookup: { progress: 20, message: { ko: '같은 사진이 있는지 찾고 있어요.', en: 'Looking for a known photo.' } },
  prepare: { progress: 30, message: { ko: '사진을 준비하고 있어요.', en: 'Preparing your photo.' } },
  vision: { progress: 50, message: { ko: '무엇인지 살펴보고 있어요.', en: 'Working out what it is.' } },
  feedback: { progress: 70, message: { ko: '버리는 방법을 정리하고 있어요.', en: 'Writing up how to sort it.' } },
  save: { progress: 90, message: { ko: '가까운 수거함을 찾고 있어요.', en: 'Finding bins nearby.' } },
  done: { progress: 100, message: { ko: '분석이 끝났어요.', en: 'Your answer is ready.' } },
  failed: { progress: -1, message: { ko: '분석하지 못했어요.', en: 'This could not be analysed.' } },
} as const satisfies Record<string, { progress: number; message: Text }>

export type Stage = keyof typeof stages

/** What a person reads about a job. */
export function describeJob(stage: Stage, failureReason: FailureReason | null, locale: Locale): string {
  return failureReason === null ? stages[stage].message[locale] : failureReasons[failureReason][locale]
}
