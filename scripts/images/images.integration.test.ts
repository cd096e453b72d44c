import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { testEventKeys } from '../../functions/_lib/testing/test-event-keys.ts'
import { repositoryRoot } from '../lib/repository-root.ts'
import { type BuiltImage, buildImages } from './build-images.ts'
import { readOnlyCommandOf } from './function/run-in-root.ts'
import { blobPathOf } from './oci/blob.ts'
import { paths } from './recipe.ts'

const run = promisify(execFile)
const names = ['events-dead-letter', 'growbin-migrate']

let output: string
let images: BuiltImage[]

const build = () =>
  buildImages({ repository: repositoryRoot, names, tag: 'test', output, each: true, report: () => undefined })

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'growbin-images-'))
  images = await build()
}, 600_000)
afterAll(() => rm(output, { recursive: true, force: true }))

/** Unpacks an archive as an engine does: the layers of its manifest, one over the other. */
async function unpack(name: string): Promise<string> {
  const [archive, root] = [join(output, `unpacked-${name}`), join(output, `root-${name}`)]
  for (const folder of [archive, root]) await mkdir(folder, { recursive: true })
  await run('tar', ['-xf', join(output, `${name}.tar`), '-C', archive])
  const read = async (path: string) => JSON.parse(await readFile(join(archive, path), 'utf8'))
  const { manifests } = await read('index.json')
  const { layers } = await read(blobPathOf(manifests[0].digest))
  for (const { digest } of layers) await run('tar', ['-xzf', join(archive, blobPathOf(digest)), '-C', root])
  return root
}

function start(root: string, args: readonly string[], environment: Record<string, string>) {
  const [command, ...own] = readOnlyCommandOf(root)
  return spawn(command, [...own, paths.node, ...args], {
    env: { ...environment, NODE_COMPILE_CACHE: paths.compileCache, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

it('builds the same images from the same sources', async () => {
  const again = await build()
  expect(again.map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest))
}, 600_000)

it('is less than 80 MiB above its base, with a bill of materials that names what is in the bundle', async () => {
  for (const { name, bytes } of images) {
    expect(bytes.node + bytes.function).toBeLessThan(80 * 1024 ** 2)
    const { components } = JSON.parse(await readFile(join(output, 'sbom', `${name}.cdx.json`), 'utf8'))
    const found = components.map((component: { name: string }) => component.name)
    expect(found).toEqual(expect.arrayContaining(['libc6', 'node', 'pg', 'drizzle-orm', 'zod']))
    expect(found).not.toContain('esbuild')
  }
})

it('serves as the user of the image on a root that is read-only, from the compile cache', async () => {
  const root = await unpack('events-dead-letter')
  const child = start(root, [`${paths.app}/main.js`], {
    ...{ PORT: '0', ANNOUNCE_PORT: 'true', LOG_LEVEL: 'fatal', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    EVENT_KEYS: testEventKeys,
  })
  const ended = once(child, 'exit')
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  try {
    const port = await new Promise<string>((resolve, reject) => {
      void ended.then(() => reject(new Error(`it ended: ${log}`)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        const announced = /^listening on port (\d+)$/.exec(line)?.[1]
        if (announced) resolve(announced)
        else log += `${line}\n`
      })
    })
    const alive = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(10_000) })
    expect(alive.status).toBe(200)
    expect(log).toMatch(/cache for ESM file:\/\/\/app\/main\.js was accepted/)
    expect(log).not.toMatch(/was rejected/)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}, 120_000)

it('cannot write anywhere but to /tmp, and is not root', async () => {
  const root = await unpack('growbin-migrate')
  const script = `
    const { writeFileSync } = require('node:fs')
    const tried = ['/app/x', '/x', '/etc/x', '/app/compile-cache/x', '/tmp/x'].map((path) => {
      try { writeFileSync(path, ''); return 'written' } catch (error) { return error.code }
    })
    console.log(JSON.stringify([process.getuid(), process.getgid(), ...tried]))`
  const child = start(root, ['--eval', script], {})
  const [[line]] = await Promise.all([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit')])
  expect(JSON.parse(line)).toEqual([65_532, 65_532, 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'written'])
}, 120_000)

it('prepares a database from its image alone', async () => {
  const name = 'image_migrates'
  const server = new pg.Client({ connectionString: inject('postgresUrl') })
  await server.connect()
  try {
    await server.query(`create database ${name}`)
    const url = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href
    const child = start(await unpack('growbin-migrate'), [`${paths.app}/migrate.mjs`], { DATABASE_URL: url })
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(output).toMatch(/^waste\/0000_initial applied in \d+ ms$/m)
    expect(output).toMatch(/^rules: 22 new, 0 updated, 0 unchanged in \d+ ms\nthe database is up to date after/m)
    expect(code).toBe(0)
  } finally {
    await server.query(`drop database if exists ${name} with (force)`)
    await server.end()
  }
}, 120_000)
