import { describe, expect, it } from 'vitest'
import {
  type CallService,
  MalformedAnswerError,
  type OutboundAnswer,
  type OutboundRequest,
  parseAnswer,
} from '../../../_lib/outbound/outbound-call.ts'
import { createGoogleApi } from './google-api.ts'
import { createKakaoApi } from './kakao-api.ts'
import { createNaverApi } from './naver-api.ts'
import { OwnKeyRefusedError, type ProviderPerson } from './provider-api.ts'

/** A `CallService` that returns the given answers, one for each call. */
function arrange(...answers: [status: number, body: string | object][]) {
  const requests: OutboundRequest[] = []
  const callService: CallService = async (_, request, read) => {
    requests.push(request)
    const [status, body] = answers.shift() ?? [500, '']
    const answer: OutboundAnswer = {
      status,
      headers: new Headers(),
      text: typeof body === 'string' ? body : JSON.stringify(body),
    }
    return read(answer)
  }
  return { callService, requests }
}

const { signal } = new AbortController()
const kakaoId = '1376016924429759243'
const live = (refreshToken?: string): ProviderPerson => ({
  subject: 'the-subject',
  tokens: { accessToken: 'the-access-token', refreshToken, accessIsLive: true },
})
const expired = (refreshToken?: string): ProviderPerson => ({
  subject: 'the-subject',
  tokens: { accessToken: 'the-access-token', refreshToken, accessIsLive: false },
})
const withoutTokens: ProviderPerson = { subject: 'the-subject', tokens: undefined }

describe('Kakao', () => {
  const arrangeKakao = (...answers: Parameters<typeof arrange>) => {
    const { callService, requests } = arrange(...answers)
    return { requests, kakao: createKakaoApi(callService, { api_url: 'https://kapi.test', admin_key: 'the-key' }) }
  }
  const person = { subject: kakaoId, tokens: undefined }

  it('is queried with every digit of the subject, and its answer is compared with every digit', async () => {
    const { kakao, requests } = arrangeKakao(
      [
        200,
        `{"id":${kakaoId},"kakao_account":{"profile":{"nickname":"지민","profile_image_url":"http://k.test/a.jpg"}}}`,
      ],
      [200, `{"id":1376016924429759244,"kakao_account":{"profile":{"nickname":"다른 사람"}}}`],
    )
    expect(await kakao.readProfile(person, signal)).toEqual({
      displayName: '지민',
      pictureUrl: 'https://k.test/a.jpg',
    })
    expect(requests[0]).toEqual({
      url: new URL(`https://kapi.test/v2/user/me?target_id_type=user_id&target_id=${kakaoId}`),
      method: 'GET',
      headers: { authorization: 'KakaoAK the-key' },
    })
    await expect(kakao.readProfile(person, signal)).rejects.toThrow('another subject')
  })

  it('leaves out the default picture, and a name that is missing', async () => {
    const profile = { profile_image_url: 'https://k.test/default.jpg', is_default_image: true }
    const { kakao } = arrangeKakao([200, { id: 7, kakao_account: { profile } }], [200, { id: 7 }])
    const nothing = { displayName: undefined, pictureUrl: undefined }
    expect(await kakao.readProfile({ ...person, subject: '7' }, signal)).toEqual(nothing)
    expect(await kakao.readProfile({ ...person, subject: '7' }, signal)).toEqual(nothing)
  })

  it('ends a link only by an explicit answer', async () => {
    const { kakao, requests } = arrangeKakao(
      [200, `{"id":${kakaoId}}`],
      [400, { code: -101, msg: 'not registered user' }],
      [200, '{"id":1}'],
      [401, { code: -401 }],
      [400, { code: -2 }],
    )
    expect(await kakao.unlink(person, signal)).toBe('unlinked')
    expect(requests[0]).toMatchObject({ method: 'POST', form: { target_id_type: 'user_id', target_id: kakaoId } })
    expect(await kakao.unlink(person, signal)).toBe('unlinked')
    await expect(kakao.unlink(person, signal)).rejects.toThrow(MalformedAnswerError)
    await expect(kakao.unlink(person, signal)).rejects.toThrow(OwnKeyRefusedError)
    await expect(kakao.unlink(person, signal)).rejects.toThrow('unexpected status 400')
  })
})

describe('Naver', () => {
  const arrangeNaver = (...answers: Parameters<typeof arrange>) => {
    const { callService, requests } = arrange(...answers)
    const access = {
      api_url: 'https://openapi.test',
      token_url: 'https://nid.test/oauth2/token',
      client_id: 'the-client',
      client_secret: 'the-secret',
    }
    return { requests, naver: createNaverApi(callService, access) }
  }
  const grants = (requests: OutboundRequest[]) => requests.map(({ form }) => form?.grant_type)
  const success: [number, object] = [200, { access_token: 'x', result: 'success' }]
  const refused: [number, object] = [200, { error: 'invalid_request' }]
  const refreshed: [number, object] = [200, { access_token: 'a-new-token', expires_in: '3600' }]

  it('prefers the nickname as the name, and counts an undocumented answer as a failure of the service', async () => {
    const response = { id: 'x', nickname: '별명', name: '이름', profile_image: 'https://n.test/a.png' }
    const { naver } = arrangeNaver(
      [200, { resultcode: '00', response }],
      [200, { resultcode: '024', message: 'Authentication failed' }],
      [200, { resultcode: '99' }],
    )
    expect(await naver.readProfile(live(), signal)).toEqual({ displayName: '별명', pictureUrl: 'https://n.test/a.png' })
    expect(await naver.readProfile(live(), signal)).toEqual({ refused: 'token_refused' })
    await expect(naver.readProfile(live(), signal)).rejects.toThrow(MalformedAnswerError)
    expect(await naver.readProfile(expired('r'), signal)).toEqual({ refused: 'no_token' })
  })

  it.each<[string, ProviderPerson, [number, object][], string[], unknown]>([
    ['a live token', live('r'), [success], ['delete'], 'unlinked'],
    [
      'one that is refused, with a new one',
      live('r'),
      [refused, refreshed, success],
      ['delete', 'refresh_token', 'delete'],
      'unlinked',
    ],
    [
      'one that is refused and cannot be refreshed',
      live('r'),
      [refused, refused],
      ['delete', 'refresh_token'],
      'unlinked',
    ],
    ['one that is refused and has no other', live(), [refused], ['delete'], 'unlinked'],
    [
      'one that has expired, with a new one',
      expired('r'),
      [refreshed, success],
      ['refresh_token', 'delete'],
      'unlinked',
    ],
    [
      'a new one that is refused',
      expired('r'),
      [refreshed, refused],
      ['refresh_token', 'delete'],
      { refused: 'token_refused' },
    ],
    ['one that has expired and has no other', expired(), [], [], { refused: 'no_token' }],
    ['none', withoutTokens, [], [], { refused: 'no_token' }],
  ])('ends a link by %s', async (_, person, answers, expected, outcome) => {
    const { naver, requests } = arrangeNaver(...answers)
    expect(await naver.unlink(person, signal)).toEqual(outcome)
    expect(grants(requests)).toEqual(expected)
    for (const { url, method } of requests) expect([url.search, method]).toEqual(['', 'POST'])
  })

  it('does not count its own failure under 200 as an ended link', async () => {
    for (const error of ['server_error', 'temporarily_unavailable', 'unsupported_grant_type']) {
      const { naver } = arrangeNaver([200, { error }])
      await expect(naver.unlink(live('r'), signal)).rejects.toThrow(MalformedAnswerError)
    }
    const { naver } = arrangeNaver([200, { error: 'invalid_client' }])
    await expect(naver.unlink(live('r'), signal)).rejects.toThrow(OwnKeyRefusedError)
  })
})

describe('Google', () => {
  const arrangeGoogle = (...answers: Parameters<typeof arrange>) => {
    const { callService, requests } = arrange(...answers)
    const access = { userinfo_url: 'https://g.test/userinfo', revoke_url: 'https://g.test/revoke' }
    return { requests, google: createGoogleApi(callService, access) }
  }
  const unknownToken: [number, object] = [400, { error: 'invalid_token' }]

  it('returns the profile of the subject and of no other', async () => {
    const { google } = arrangeGoogle(
      [200, { sub: 'the-subject', name: 'Jimin', picture: 'https://g.test/a.png' }],
      [200, { sub: 'another', name: 'Other' }],
    )
    expect(await google.readProfile(live(), signal)).toEqual({
      displayName: 'Jimin',
      pictureUrl: 'https://g.test/a.png',
    })
    await expect(google.readProfile(live(), signal)).rejects.toThrow('another subject')
  })

  it.each<[string, ProviderPerson, [number, object][], string | undefined, unknown]>([
    ['a live token', live(), [[200, {}]], 'the-access-token', 'unlinked'],
    ['the refresh token, when there is one', live('r'), [[200, {}]], 'r', 'unlinked'],
    ['a live token that is unknown', live(), [unknownToken], 'the-access-token', 'unlinked'],
    ['a refresh token that is unknown', expired('r'), [unknownToken], 'r', 'unlinked'],
    ['a token that has expired', expired(), [], undefined, { refused: 'no_token' }],
    ['none', withoutTokens, [], undefined, { refused: 'no_token' }],
  ])('ends a link by %s', async (_, person, answers, token, outcome) => {
    const { google, requests } = arrangeGoogle(...answers)
    expect(await google.unlink(person, signal)).toEqual(outcome)
    expect(requests[0]?.form?.token).toBe(token)
    // The token is in the body, since URLs are logged on the way.
    for (const { url } of requests) expect(url.search).toBe('')
  })

  it('does not count another refusal as an ended link', async () => {
    const { google } = arrangeGoogle([400, { error: 'invalid_request' }])
    await expect(google.unlink(live(), signal)).rejects.toThrow(MalformedAnswerError)
  })
})

it('keeps integers beyond 2^53 as the text that was sent, and other numbers as numbers', () => {
  const text = `{"id":${kakaoId},"n":-${kakaoId},"small":9007199254740991,"half":0.5,"e":1e300}`
  expect(parseAnswer({ status: 200, headers: new Headers(), text })).toEqual({
    id: kakaoId,
    n: `-${kakaoId}`,
    small: 9007199254740991,
    half: 0.5,
    e: 1e300,
  })
})
