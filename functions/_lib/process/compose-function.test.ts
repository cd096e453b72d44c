import { expect, test } from 'vitest'
import * as z from 'zod'
import { createHttpApp } from '../http/http-app.ts'
import { logVariables } from '../variables/groups.ts'
import { variable } from '../variables/variable.ts'
import { composeFunction, type OpenFunction } from './compose-function.ts'
import { ConfigError } from './config.ts'

const spec = { name: 'tests-compose', variables: { ...logVariables, LIMIT: variable(z.coerce.number()) } }
type Fn = OpenFunction<(typeof spec)['variables']>

const imported = { main: false }
const environment = { LIMIT: '3', LOG_LEVEL: 'fatal' }

/** Opens three resources in order, of which the named do not close. */
function openThree(fn: Fn, closed: string[], failing: readonly string[] = []) {
  for (const name of ['first', 'second', 'third']) {
    fn.closeLater({
      close: async () => {
        closed.push(name)
        if (failing.includes(name)) throw new Error(name)
      },
    })
  }
  return createHttpApp(fn)
}

test('an operation is composed with the variables that its description declares', async () => {
  let seen: number | undefined
  const { close } = await composeFunction(imported, spec, (fn) => {
    seen = fn.config.LIMIT
    return createHttpApp(fn)
  })(environment)
  await close()
  expect(seen).toBe(3)
})

test('a wrong variable stops the function before anything is opened', async () => {
  const closed: string[] = []
  const start = composeFunction(imported, spec, (fn) => openThree(fn, closed))
  await expect(start({ LIMIT: 'many' })).rejects.toThrow(ConfigError)
  expect(closed).toEqual([])
})

test('resources close in reverse order of opening, once', async () => {
  const closed: string[] = []
  const { close } = await composeFunction(imported, spec, (fn) => openThree(fn, closed))(environment)
  expect(closed).toEqual([])
  await close()
  await close()
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('all resources are closed although some fail to close, and the failure is thrown', async () => {
  const closed: string[] = []
  const { close } = await composeFunction(imported, spec, (fn) => openThree(fn, closed, ['third', 'first']))(
    environment,
  )
  await expect(close()).rejects.toMatchObject({ error: { message: 'first' }, suppressed: { message: 'third' } })
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('a function that cannot be composed closes what it has opened', async () => {
  const closed: string[] = []
  const start = composeFunction(imported, spec, (fn) => {
    openThree(fn, closed)
    throw new Error('no key')
  })
  await expect(start(environment)).rejects.toThrow('no key')
  expect(closed).toEqual(['third', 'second', 'first'])
})
