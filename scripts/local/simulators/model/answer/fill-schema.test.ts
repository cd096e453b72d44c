import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, expect, it, vi } from 'vitest'
import { classificationJsonSchema } from '../../../../../functions/waste/analysis/model/classification.ts'
import { createSchemaFiller } from './fill-schema.ts'

afterEach(() => void vi.restoreAllMocks())

const countCompilations = () => vi.spyOn(Ajv2020.prototype, 'compile')
/** As each request sends it: equal, but another object. */
const schema = () => structuredClone(classificationJsonSchema) as never
const preferredOf = (confidence: number) => ({
  is_waste: true,
  item_name_ko: '캔',
  item_name_en: 'can',
  category: 'CAN',
  confidence,
  conditions: ['label_attached', 'on_fire'],
})

it('compiles a schema once, for all requests and preferred values', () => {
  const fill = createSchemaFiller(2)
  const compile = countCompilations()
  expect(fill(schema(), preferredOf(0))).toMatchObject({
    category: 'CAN',
    confidence: 0,
    conditions: ['label_attached'],
  })
  const first = compile.mock.calls.length
  expect(first).toBeGreaterThan(0)
  for (let count = 1; count <= 100; count += 1)
    expect(fill(schema(), preferredOf(count / 100))).toHaveProperty('confidence', count / 100)
  expect(compile).toHaveBeenCalledTimes(first)
})

it('keeps the most recently used schemas, up to its limit', () => {
  const fill = createSchemaFiller(2)
  const titled = (title: string) => ({ ...(schema() as object), title })
  const compilationsOf = (title: string) => {
    const compile = countCompilations()
    compile.mockClear()
    fill(titled(title), preferredOf(0.5))
    return compile.mock.calls.length
  }
  expect(compilationsOf('a')).toBeGreaterThan(0)
  expect(compilationsOf('b')).toBeGreaterThan(0)
  expect(compilationsOf('a')).toBe(0)
  expect(compilationsOf('c')).toBeGreaterThan(0)
  expect(compilationsOf('a')).toBe(0)
  expect(compilationsOf('b')).toBeGreaterThan(0)
})
