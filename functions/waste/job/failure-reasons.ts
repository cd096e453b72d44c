import type { Text } from '../../_lib/http/errors.ts'

/** Why a job failed, and what the person can do about it. */
export const failureReasons = {
  upload_expired: {
    ko: '사진이 제때 올라오지 않았어요. 다시 시도해 주세요.',
    en: 'The photo was not uploaded in time. Please try again.',
  },
  upload_missing: {
    ko: '올라온 사진을 찾을 수 없어요. 다시 올려 주세요.',
    en: 'The uploaded photo is gone. Please upload it again.',
  },
  invalid_image: {
    ko: '읽을 수 없는 사진이에요. 다른 사진으로 시도해 주세요.',
    en: 'This photo cannot be read. Please try another one.',
  },
  image_type_mismatch: {
    ko: '사진 형식이 알려 준 것과 달라요.',
    en: 'The photo is of another type than was declared.',
  },
  image_too_large: {
    ko: '사진이 너무 커요. 더 작은 사진으로 시도해 주세요.',
    en: 'This photo has too many pixels. Please try a smaller one.',
  },
  image_too_small: {
    ko: '사진이 너무 작아요. 더 큰 사진으로 시도해 주세요.',
    en: 'This photo is too small. Please try a larger one.',
  },
  image_animated: {
    ko: '움직이는 이미지는 분석할 수 없어요.',
    en: 'Animated pictures cannot be analysed.',
  },
  image_type_unsupported: {
    ko: '이 형식의 사진은 아직 읽을 수 없어요. JPEG로 시도해 주세요.',
    en: 'Photos of this type cannot be read yet. Please try JPEG.',
  },
  photo_refused: {
    ko: '이 사진은 분석할 수 없어요. 버릴 물건만 나오게 찍어 주세요.',
    en: 'This photo cannot be analysed. Please show only the item to throw away.',
  },
  model_unavailable: {
    ko: '지금은 분석할 수 없어요. 잠시 뒤에 다시 시도해 주세요.',
    en: 'The analysis is unavailable right now. Please try again later.',
  },
  model_answer_unusable: {
    ko: '답을 만들지 못했어요. 다시 찍어서 시도해 주세요.',
    en: 'No usable answer was found. Please take the photo again.',
  },
  budget_exhausted: {
    ko: '오늘 분석할 수 있는 양이 다 찼어요. 내일 다시 시도해 주세요.',
    en: 'Today’s analyses are used up. Please try again tomorrow.',
  },
  analysis_expired: {
    ko: '하루가 넘도록 분석하지 못했어요. 사진을 다시 보내 주세요.',
    en: 'This could not be analysed for over a day. Please send the photo again.',
  },
  analysis_stalled: {
    ko: '분석이 끝나지 않았어요. 다시 시도해 주세요.',
    en: 'The analysis did not finish. Please try again.',
  },
} as const satisfies Record<string, Text>

export type FailureReason = keyof typeof failureReasons
