import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { ProblemError } from '../_lib/http/errors.ts'

// Browsers accept this prefix only with Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2).
const refreshCookie = '__Host-growbin-rt'
const deviceCookie = '__Host-growbin-device'
const cookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const
const refreshSeconds = 14 * 24 * 3600
const deviceSeconds = 400 * 24 * 3600

/** Reads refresh token and device id of a web client from its HttpOnly cookies. */
export function readWebCookies(c: Context): { refreshToken: string | undefined; deviceId: string | undefined } {
  return { refreshToken: getCookie(c, refreshCookie), deviceId: getCookie(c, deviceCookie) }
}

/** Sets the refresh token cookie for 14 days and, when given, the device cookie for 400 days. */
export function setWebCookies(c: Context, cookies: { refreshToken: string; deviceId: string | undefined }): void {
  setCookie(c, refreshCookie, cookies.refreshToken, { ...cookieAttributes, maxAge: refreshSeconds })
  if (cookies.deviceId === undefined) return
  setCookie(c, deviceCookie, cookies.deviceId, { ...cookieAttributes, maxAge: deviceSeconds })
}

/** Makes the browser delete the refresh token cookie. */
export function clearRefreshCookie(c: Context): void {
  setCookie(c, refreshCookie, '', { ...cookieAttributes, maxAge: 0 })
}

/**
 * Throws 403 for a request that carries our cookies but does not come from one of our pages (CSRF). SameSite alone does not
 * cover a sibling site; a header that a form cannot send and an origin that a page cannot choose do.
 */
export function requireOwnPage(c: Context, origins: readonly string[]): void {
  const origin = c.req.header('origin')
  if (origin !== undefined && origins.includes(origin) && c.req.header('x-growbin-client') === 'web') return
  throw new ProblemError('forbidden', {
    reason: 'cross_site_request',
    detail: { ko: '허용되지 않은 페이지에서 온 요청이에요.', en: 'This request does not come from a page of ours.' },
  })
}
