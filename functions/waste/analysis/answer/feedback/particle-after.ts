/** The two forms of a Korean particle: after a final consonant, and after a vowel. */
const particles = { 은는: ['은', '는'], 을를: ['을', '를'], 이가: ['이', '가'], 으로: ['으로', '로'] } as const

export type Particle = keyof typeof particles

const DIGITS_WITH_FINAL = '013678'
const LETTERS_WITH_FINAL = 'LMNR'
const HANGUL_FIRST = 0xac00
const HANGUL_LAST = 0xd7a3
const FINALS = 28
const FINAL_RIEUL = 8

/**
 * The particle that fits after a word, as it is read aloud.
 *
 * Looks at the last syllable, digit or capital letter outside brackets. For other scripts, such as an English word, whose reading
 * cannot be known, it gives both forms: `을(를)`.
 */
export function particleAfter(word: string, particle: Particle): string {
  const [afterConsonant, afterVowel] = particles[particle]
  const spoken = word.replace(/\([^)]*\)/g, '').replace(/[^\p{L}\p{N}]+$/u, '')
  const last = spoken.at(-1) ?? ''
  const code = last.charCodeAt(0)
  if (code >= HANGUL_FIRST && code <= HANGUL_LAST) {
    const final = (code - HANGUL_FIRST) % FINALS
    return final === 0 || (particle === '으로' && final === FINAL_RIEUL) ? afterVowel : afterConsonant
  }
  // 일, 칠, 팔 and 엘, 알 end in ㄹ, after which 로 follows directly.
  if (particle === '으로' && '178LR'.includes(last) && last !== '') return afterVowel
  if (/[0-9]/.test(last)) return DIGITS_WITH_FINAL.includes(last) ? afterConsonant : afterVowel
  if (/(?:^|[^a-zA-Z])[A-Z]+$/.test(spoken)) return LETTERS_WITH_FINAL.includes(last) ? afterConsonant : afterVowel
  return particle === '으로' ? '(으)로' : `${afterConsonant}(${afterVowel})`
}
