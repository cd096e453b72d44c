import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { repositoryRoot } from '../lib/repository-root.ts'
import { configOf } from './recipe.ts'

/** What an instruction of the stage that ends the file, or of one that it is made from, says. */
async function readFinal(instruction: string): Promise<string[]> {
  const text = await readFile(join(repositoryRoot, 'functions/Dockerfile'), 'utf8')
  const stages = text.split(/^FROM /m)
  const final = [stages.find((stage) => stage.startsWith('scratch AS common')), stages.at(-1)].join('\n')
  return [...final.matchAll(new RegExp(`^${instruction} (.+)$`, 'gm'))].map(([, value]) => value as string)
}

it('says the same to an engine as the form without one', async () => {
  const config = configOf('main.js', 8080)
  expect((await readFinal('ENV')).flatMap((line) => line.split(' ')).sort()).toEqual([...config.Env].sort())
  expect(await readFinal('USER')).toEqual([config.User])
  expect(await readFinal('WORKDIR')).toEqual([config.WorkingDir])
  expect((await readFinal('ENTRYPOINT')).map((text) => JSON.parse(text))).toEqual([config.Entrypoint])
  expect((await readFinal('CMD')).map((text) => JSON.parse(text))).toEqual([config.Cmd])
  expect((await readFinal('EXPOSE')).map((port) => `${port}/tcp`)).toEqual(Object.keys(config.ExposedPorts ?? {}))
})

it('starts from nothing, whatever builds it', async () => {
  const text = await readFile(join(repositoryRoot, 'functions/Dockerfile'), 'utf8')
  const [, ...stages] = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
  expect(stages).toEqual(['scratch', 'common', 'common'])
})
