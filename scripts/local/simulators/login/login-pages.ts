import type { ProviderName } from './provider.ts'

const TITLES: Record<ProviderName, string> = { kakao: '카카오', naver: '네이버', google: 'Google' }

/** A form that asks for a name and returns it as `login_hint`, with every parameter of the request. */
export function signInPage(provider: ProviderName, path: string, parameters: URLSearchParams): string {
  const hidden = [...parameters]
    .filter(([name]) => name !== 'login_hint')
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
  return page(
    `${TITLES[provider]} 로그인 (시뮬레이션)`,
    `<p>실제 ${TITLES[provider]} 로그인이 아닙니다. 비밀번호를 입력하지 마세요.</p>
<form method="get" action="${escapeHtml(path)}">${hidden.join('')}
<label>이름 또는 이메일 <input name="login_hint" required autofocus autocomplete="off" maxlength="100"></label>
<button>로그인</button> <button name="simulated_denied" value="1" formnovalidate>취소</button></form>`,
  )
}

/** The page for an error that must not be returned to the client. */
export function errorPage(provider: ProviderName, code: string, sentence: string): string {
  return page(
    `${TITLES[provider]} 로그인 오류 (시뮬레이션)`,
    `<p><code>${escapeHtml(code)}</code> ${escapeHtml(sentence)}</p>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:26rem;margin:10vh auto;padding:0 1rem}input,button{font:inherit;padding:.5rem;margin:.25rem 0}label input{width:100%;box-sizing:border-box}</style>
<h1>${title}</h1>${body}</html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
