import type { WeekFigures } from './week-figures.ts'

export type ReportObject = { key: string; contentType: string; body: string }

/** Renders the report of a week in all its formats, without a time of writing, so that the same figures give the same bytes. */
export function renderReport(figures: WeekFigures): ReportObject[] {
  const folder = `reports/weekly/${figures.week}`
  return [
    {
      key: `${folder}/report.json`,
      contentType: 'application/json',
      body: `${JSON.stringify(figures, null, 2)}\n`,
    },
    { key: `${folder}/report.csv`, contentType: 'text/csv; charset=utf-8', body: renderCsv(figures) },
    { key: `${folder}/report.ko.md`, contentType: 'text/markdown; charset=utf-8', body: renderText(figures, 'ko') },
    { key: `${folder}/report.en.md`, contentType: 'text/markdown; charset=utf-8', body: renderText(figures, 'en') },
  ]
}

type Value = number | string | null

/** RFC 4180, one figure per line: `measure,name,value`. A hidden value is empty. */
function renderCsv(figures: WeekFigures): string {
  const lines: [string, Value, Value][] = [
    ['week', '', figures.week],
    ['from', '', figures.from],
    ['to', '', figures.to],
    ['analyses', '', figures.analyses],
    ['completed', '', figures.completed],
    ['failed', '', figures.failed],
    ...figures.failed_by_reason.map(({ reason, analyses }): [string, Value, Value] => ['failed', reason, analyses]),
    ...figures.answered_by.map((row): [string, Value, Value] => ['answered_by', row.answered_by, row.analyses]),
    ['recyclable_share', '', figures.recyclable_share],
    ...figures.by_category.flatMap(({ category, analyses, recyclable }): [string, Value, Value][] => [
      ['category', category, analyses],
      ['category_recyclable', category, recyclable],
    ]),
    ...figures.by_hour.map(({ hour, analyses }): [string, Value, Value] => ['hour', hour, analyses]),
    ...figures.days.flatMap(({ day, analyses, people }): [string, Value, Value][] => [
      ['day', day, analyses],
      ['day_people', day, people],
    ]),
    ['people_a_day', 'mean', figures.people_a_day.mean],
    ['people_a_day', 'max', figures.people_a_day.max],
    ['model_calls', '', figures.model_calls],
    ['input_tokens', '', figures.input_tokens],
    ['output_tokens', '', figures.output_tokens],
    ...(['wait', 'total'] as const).flatMap((name) =>
      (['p50', 'p95', 'p99'] as const).map((share): [string, Value, Value] => [
        `${name}_ms`,
        share,
        figures[name]?.[share] ?? null,
      ]),
    ),
  ]
  return `${[['measure', 'name', 'value'], ...lines].map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

function csvCell(value: Value): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const words = {
  ko: {
    title: '주간 보고서',
    measure: '항목',
    value: '값',
    analyses: '분석',
    completed: '완료',
    failed: '실패',
    recyclableShare: '재활용 가능 비율',
    people: '하루 이용자 (평균 / 최대)',
    calls: '모델 호출',
    tokens: '토큰 (입력 / 출력)',
    wait: '모델 호출까지 (p50 / p95 / p99)',
    total: '답변까지 (p50 / p95 / p99)',
    answeredBy: '답변 방법',
    reason: '실패 원인',
    category: '분류',
    recyclable: '재활용 가능',
    day: '날짜',
    dayPeople: '이용자',
    hour: '시각',
    hidden: (below: number) =>
      `–: ${below}건 또는 ${below}명 미만이라 숨긴 값과, 그 값을 알아낼 수 있어서 함께 숨긴 값. 개인 정보는 들어 있지 않습니다.`,
  },
  en: {
    title: 'Weekly report',
    measure: 'Measure',
    value: 'Value',
    analyses: 'Analyses',
    completed: 'Completed',
    failed: 'Failed',
    recyclableShare: 'Share recyclable',
    people: 'People a day (mean / most)',
    calls: 'Model calls',
    tokens: 'Tokens (in / out)',
    wait: 'Until the model was called (p50 / p95 / p99)',
    total: 'Until the answer (p50 / p95 / p99)',
    answeredBy: 'Answered by',
    reason: 'Reason of failure',
    category: 'Category',
    recyclable: 'Recyclable',
    day: 'Day',
    dayPeople: 'People',
    hour: 'Hour',
    hidden: (below: number) =>
      `–: hidden, because it stands for fewer than ${below} analyses or people, or because such a value would follow from it. This report contains no personal data.`,
  },
} as const

function renderText(figures: WeekFigures, language: 'ko' | 'en'): string {
  const word = words[language]
  const number = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : value.toLocaleString('en')
  const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`)
  const times = (percentiles: WeekFigures['wait']) =>
    [percentiles?.p50, percentiles?.p95, percentiles?.p99].map((ms) => `${number(ms)} ms`).join(' / ')
  return [
    `# ${word.title} ${figures.week}`,
    `${figures.from} – ${figures.to} (${figures.time_zone})`,
    table(
      [word.measure, word.value],
      [
        [word.analyses, number(figures.analyses)],
        [word.completed, number(figures.completed)],
        [word.failed, number(figures.failed)],
        [word.recyclableShare, percent(figures.recyclable_share)],
        [word.people, `${number(figures.people_a_day.mean)} / ${number(figures.people_a_day.max)}`],
        [word.calls, number(figures.model_calls)],
        [word.tokens, `${number(figures.input_tokens)} / ${number(figures.output_tokens)}`],
        [word.wait, times(figures.wait)],
        [word.total, times(figures.total)],
      ],
    ),
    table(
      [word.category, word.analyses, word.recyclable],
      figures.by_category.map((row) => [row.category, number(row.analyses), number(row.recyclable)]),
    ),
    table(
      [word.answeredBy, word.analyses],
      figures.answered_by.map((row) => [row.answered_by, number(row.analyses)]),
    ),
    table(
      [word.reason, word.failed],
      figures.failed_by_reason.map((row) => [row.reason, number(row.analyses)]),
    ),
    table(
      [word.day, word.analyses, word.dayPeople],
      figures.days.map((row) => [row.day, number(row.analyses), number(row.people)]),
    ),
    table(
      [word.hour, word.analyses],
      figures.by_hour.map((row) => [`${String(row.hour).padStart(2, '0')}:00`, number(row.analyses)]),
    ),
    word.hidden(figures.hidden_below),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

/** A Markdown table; an empty text when there are no rows. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const alignment = heading.map((_, column) => (column === 0 ? '---' : '---:'))
  return [heading, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
