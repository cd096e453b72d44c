import * as z from 'zod'
import { variable } from '../../_lib/variables/variable.ts'

/** The variables for calls of the map service. */
export const kakaoLocal = () => ({
  KAKAO_LOCAL_URL: variable(z.url({ protocol: /^https?$/ }).default('https://dapi.kakao.com')),
  /** REST API key of the app, for which Kakao Map has to be enabled. */
  KAKAO_REST_API_KEY: variable(z.string().min(1), { secret: 'jobs-kakao-local', key: 'rest-api-key' }),
})
