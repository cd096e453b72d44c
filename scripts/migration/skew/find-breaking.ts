/** What a statement of a migration takes from functions that still run the version before, or from requests while it runs. */
type Rule = { pattern: RegExp; breaks: string; instead: string }

const expandFirst = 'expand first, and contract in a later release, when nothing uses it any more'

// Of statements without comments and texts, in lower case, with single spaces.
const rules: readonly Rule[] = [
  {
    pattern: /\bdrop (table|column|view|schema|type|function|trigger|index|materialized view)\b(?! concurrently)/,
    breaks: 'drops what the running version may use',
    instead: expandFirst,
  },
  { pattern: /\brename\b/, breaks: 'renames what the running version uses', instead: expandFirst },
  {
    pattern: /\balter (column )?\S+ (set data )?type\b/,
    breaks: 'changes the type of a column, which rewrites the table under a lock',
    instead: 'add a column of the new type, write both, and drop the old one in a later release',
  },
  {
    pattern: /\bset not null\b/,
    breaks: 'refuses rows that the running version writes, and reads the whole table under a lock',
    instead:
      'add the constraint "check (… is not null) not valid", and validate it once every version fills the column',
  },
  {
    pattern:
      /\badd (column )?(if not exists )?(?!(constraint|check|foreign|unique|primary|exclude)\b)(?!\S+ [^,]*\b(default|generated)\b)\S+ [^,]*\bnot null\b/,
    breaks: 'adds a column that the running version does not fill',
    instead: 'give it a default, or let it be null',
  },
  {
    pattern:
      /\badd (constraint \S+ )?(check|foreign key|unique|primary key|exclude)\b(?!.*\bnot valid\b)(?!.* using index\b)/,
    breaks: 'adds a constraint that reads the whole table under a lock, and may refuse what the running version writes',
    instead:
      'add it "not valid" and validate it in a migration of its own; make a unique one from an index made concurrently',
  },
  {
    pattern: /\brevoke\b/,
    breaks: 'takes a right from functions that run',
    instead: expandFirst,
  },
  {
    pattern: /\b(truncate|lock table|cluster|vacuum full)\b/,
    breaks: 'locks a whole table',
    instead: 'change rows in batches by a task of the domain',
  },
]

const indexOf = /\bcreate (unique )?index (?!concurrently)(if not exists )?\S+ on (only )?(?<table>\S+)/

/** `-- survives: <reason>` on a line of the statement says why the running version survives it after all. */
const reason = /^\s*-- survives: \S.{19,}$/m

/**
 * What of a migration a running version of the functions would not survive, a problem for each statement. Tables that the same
 * migration creates are empty and unknown to it, so what happens to them counts for nothing.
 */
export function findBreakingStatements(path: string, text: string): string[] {
  const statements = text.split('--> statement-breakpoint').map((statement, index) => ({
    place: `${path}, statement ${index + 1}`,
    explained: reason.test(statement),
    sql: normalize(statement),
  }))
  const created = new Set(statements.flatMap(({ sql }) => createdIn(sql)))
  return statements.flatMap(({ place, explained, sql }) => {
    if (explained || isAboutNew(sql, created)) return []
    return problemsOf(sql).map(
      ({ breaks, instead }) =>
        `${place} ${breaks}: ${instead}; or say on a line above it why that is safe: "-- survives: <reason>"`,
    )
  })
}

function problemsOf(sql: string): Pick<Rule, 'breaks' | 'instead'>[] {
  const found: Pick<Rule, 'breaks' | 'instead'>[] = rules.filter(({ pattern }) => pattern.test(sql))
  if (!indexOf.test(sql)) return found
  return [
    ...found,
    {
      breaks: 'makes an index while nobody can write to the table',
      instead: 'make it in a migration of its own: "create index concurrently if not exists …"',
    },
  ]
}

function createdIn(sql: string): string[] {
  const name = /\bcreate (unlogged )?table (if not exists )?(?<name>[^\s(]+)/.exec(sql)?.groups?.name
  return name ? [name] : []
}

function isAboutNew(sql: string, created: ReadonlySet<string>): boolean {
  const table =
    /^alter table (if exists )?(only )?(?<table>\S+)/.exec(sql)?.groups?.table ?? indexOf.exec(sql)?.groups?.table
  return table !== undefined && created.has(table)
}

/** Lower case, one space, and nothing of comments, of texts, of bodies of functions, or of quotes around names. */
function normalize(statement: string): string {
  return statement
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/--.*$/gm, ' ')
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\s*\(/g, ' (')
    .trim()
    .toLowerCase()
}
