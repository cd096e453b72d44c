import * as z from 'zod'
import { variable } from '../../_lib/process/variable.ts'

/** The map service. */
export const kakaoLocal = () => ({
  KAKAO_LOCAL_URL: variable(z.url({ protocol: /^https?$/ }).default('https://dapi.kakao.com')),
  /** Of the app. Kakao Map has to be switched on for it. */
  KAKAO_REST_API_KEY: variable(z.string().min(1), { secret: 'jobs-kakao-local', key: 'rest-api-key' }),
})
