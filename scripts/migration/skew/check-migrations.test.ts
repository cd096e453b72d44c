import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findBreakingMigrations } from './check-migrations.ts'

it('reads every migration after those of the first deployment', async () => {
  const root = await mkdtemp(join(tmpdir(), 'growbin-skew-'))
  try {
    const folder = join(root, 'functions/waste/migrations')
    await mkdir(join(folder, 'meta'), { recursive: true })
    const tags = ['0000_initial', '0001_views', '0002_later']
    for (const tag of tags) await writeFile(join(folder, `${tag}.sql`), 'drop table waste.jobs')
    const entries = tags.map((tag, when) => ({ tag, when }))
    await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
    expect(await findBreakingMigrations(root)).toEqual([
      expect.stringMatching(/^functions\/waste\/migrations\/0002_later\.sql, statement 1 drops/),
    ])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
