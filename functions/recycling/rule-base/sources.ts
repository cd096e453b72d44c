import type { RuleInput } from './rule.ts'

type Provenance = Pick<RuleInput, 'source' | 'reviewed_at' | 'verified'>

const LEGAL_TITLE = '재활용가능자원의 분리수거 등에 관한 지침'

/** For rules that follow the national guideline, in our wording and not yet compared with its annex. */
export const nationalGuideline: Provenance = {
  source: {
    title: LEGAL_TITLE,
    url: 'https://www.law.go.kr/LSW/admRulInfoP.do?admRulSeq=2100000272746',
    legal_ref: '기후에너지환경부 훈령 제18호 (2026-01-01) 별표 1',
    region: null,
  },
  reviewed_at: null,
  verified: false,
}

/** For rules that the law leaves to municipal ordinances; they follow what most ordinances say. */
export const municipalPractice: Provenance = {
  source: {
    title: '생활폐기물 분리배출 누리집',
    url: 'https://www.xn--oy2b29bd3a601b.kr',
    legal_ref: '폐기물관리법 및 지방자치단체 폐기물 관리 조례',
    region: null,
  },
  reviewed_at: null,
  verified: false,
}
