import { expect, test } from 'vitest'
import { domainsOf, findDomainWords } from './domain-words.ts'

const domains = ['auth', 'events', 'waste']
const path = 'functions/_lib/access/some.pg.ts'

test('domains are the folders of functions that do not begin with an underscore', () => {
  const paths = ['functions/_lib/a.ts', 'functions/waste/presign/main.ts', 'functions/auth/a.ts', 'functions/README.md']
  expect(domainsOf([...paths, 'functions/waste/b.ts', 'scripts/local/a.ts'])).toEqual(['auth', 'waste'])
})

test.each([
  'sql`select 1 from auth.sessions`',
  "const view = 'auth.ended_sessions_v1'",
  '  join waste.jobs using (job_id)',
])('a table or view of a domain is named with its line: %j', (line) => {
  const [problem, ...others] = findDomainWords(path, `// first\n${line}\n`, domains)
  expect(problem).toMatch(
    /^functions\/_lib\/access\/some\.pg\.ts:2 names "(auth|waste)\.\w+" of a domain; declare it in/,
  )
  expect(others).toEqual([])
})

test.each([
  '/** With its schema: `waste.jobs`. */',
  ' * await readRows(`auth.sessions`)',
  '// As auth.sessions does.',
  'sql`select 1 from events.outbox`',
  "import spec from './auth.ts'",
  'options.auth.verify(token)',
])('a comment, the schema of the platform and a property are none: %j', (line) => {
  expect(findDomainWords(path, line, domains)).toEqual([])
})

test.each(['functions/waste/jobs.pg.ts', 'functions/_lib/access/some.test.ts', 'functions/_lib/testing/some.ts'])(
  'only what _lib deploys is looked at: %s',
  (other) => expect(findDomainWords(other, "const view = 'auth.ended_sessions_v1'", domains)).toEqual([]),
)
