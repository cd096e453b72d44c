import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemorySemaphore, type MemorySemaphore } from '../memory-semaphore.ts'
import { type HeicDecoder, type HeicDecoderOptions, openHeicDecoder } from './open-heic-decoder.ts'

const mebibyte = 1_048_576
const file = (name: string) => readFile(join(import.meta.dirname, 'testing', name))
const [bottle, large, largeWithAlpha] = await Promise.all(
  ['pet-bottle.heic', '24-megapixels.heic', '24-megapixels-alpha.heic'].map(file),
)
const pixelsMax = 24_500_000
const request = { bytes: bottle as Buffer, pixelsMax, shrinkFactor: 2 }

const opened: HeicDecoder[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((decoder) => decoder.close()))
})

function open(options: Partial<HeicDecoderOptions> = {}): { decoder: HeicDecoder; memory: MemorySemaphore } {
  const memory = options.memory ?? createMemorySemaphore({ bytes: 256 * mebibyte, waitingMax: 100 })
  const decoder = openHeicDecoder({ memory, timeoutMs: 60_000, heapBytesMin: 128 * mebibyte, ...options })
  opened.push(decoder)
  return { decoder, memory }
}

const ready = `const { parentPort } = require('node:worker_threads'); parentPort.postMessage({ kind: 'ready' });`
/** A decoder that does this with each photo. */
const fake = (onPhoto: string) => () =>
  new Worker(`${ready} parentPort.on('message', (request) => { ${onPhoto} })`, { eval: true })

describe('a thread that decodes', () => {
  it('leaves the event loop alone: one that never ends is stopped at its deadline', async () => {
    const { decoder } = open({ createWorker: fake('for (;;);'), timeoutMs: 50 })
    await expect(decoder.decode(request, 0)).rejects.toThrow('Decoding the image took too long')
  })

  it('takes with it, when it dies, only the photo that killed it', async () => {
    const decoded = `parentPort.postMessage({ kind: 'decoded', pixels: request.bytes, heapBytes: 1e9 })`
    const { decoder } = open({ createWorker: fake(`request.bytes.length === 1 ? process.exit(1) : ${decoded}`) })
    const photos = [1, 2, 1, 3].map((length) => decoder.decode({ ...request, bytes: new Uint8Array(length) }, 0))
    expect((await Promise.all(photos)).map(({ kind }) => kind)).toEqual(['broken', 'decoded', 'broken', 'decoded'])
  })

  it('is not mistaken for a broken photo when it cannot start', async () => {
    const { decoder } = open({ createWorker: () => new Worker('throw new Error("no library")', { eval: true }) })
    await expect(decoder.decode(request, 0)).rejects.toThrow('no library')
  })

  it('ends when the lease is lost, and releases its memory', async () => {
    const { decoder, memory } = open({ createWorker: fake('for (;;);') })
    const lost = new AbortController()
    const decoding = decoder.decode(request, 256 * mebibyte, lost.signal)
    lost.abort(new Error('The lease is lost'))
    await expect(decoding).rejects.toThrow('The lease is lost')
    await memory.acquire(256 * mebibyte)
  })

  it('never runs beside more others than there is memory for, and further photos are refused when too many wait', async () => {
    const counts = new Int32Array(new SharedArrayBuffer(8))
    // Each waits for a second one, as long as that may take.
    const work = `
      const before = Atomics.add(counts, 0, 1)
      Atomics.notify(counts, 0)
      Atomics.store(counts, 1, Math.max(before + 1, Atomics.load(counts, 1)))
      if (before === 0) Atomics.wait(counts, 0, 1, 5000)
      setTimeout(() => { Atomics.sub(counts, 0, 1); parentPort.postMessage({ kind: 'broken' }) }, 5)`
    const code = `${ready} const counts = require('node:worker_threads').workerData; parentPort.on('message', () => { ${work} })`
    const createWorker = () => new Worker(code, { eval: true, workerData: counts })
    const memory = createMemorySemaphore({ bytes: 256 * mebibyte, waitingMax: 8 })
    const { decoder } = open({ createWorker, memory })
    const photos = await Promise.allSettled(Array.from({ length: 12 }, () => decoder.decode(request, 0)))
    expect(counts[1]).toBe(2)
    expect(photos.filter(({ status }) => status === 'rejected')).toHaveLength(2)
  })
})

describe('libheif', () => {
  it('decodes the largest photo of a phone within what is set aside for it, and hands it over shrunk', async () => {
    const { decoder } = open()
    expect(await decoder.decode({ bytes: large as Buffer, pixelsMax, shrinkFactor: 3 }, 190 * mebibyte)).toMatchObject({
      kind: 'decoded',
      pixels: { width: 1904, height: 1428, channels: 3 },
    })
  })

  it('refuses what needs more memory than was set aside, and decodes the next', async () => {
    const { decoder } = open()
    const hungry = { bytes: largeWithAlpha as Buffer, pixelsMax, shrinkFactor: 3 }
    expect(await decoder.decode(hungry, 130 * mebibyte)).toEqual({ kind: 'too_big' })
    expect(await decoder.decode(request, 0)).toMatchObject({ kind: 'decoded' })
  })

  it('refuses more pixels than the header has promised', async () => {
    const { decoder } = open()
    expect(await decoder.decode({ ...request, bytes: large as Buffer, pixelsMax: 1_000_000 }, 0)).toEqual({
      kind: 'too_big',
    })
  })

  it('is loaded at the first photo, kept for the next, and dropped when its memory is wanted', async () => {
    let started = 0
    const url = new URL('./heic.worker.ts', import.meta.url)
    const createWorker = () => {
      started += 1
      return new Worker(url)
    }
    const { decoder, memory } = open({ createWorker })
    expect(started).toBe(0)
    for (let photo = 0; photo < 3; photo += 1) await decoder.decode(request, 0)
    expect(started).toBe(1)
    await memory.acquire(256 * mebibyte)
    memory.release(256 * mebibyte)
    await decoder.decode(request, 0)
    expect(started).toBe(2)
  })
})
