import { describe, expect, it } from 'vitest'
import { readDisplayName, readPictureUrl } from './provider-api.ts'

describe('a name from a provider', () => {
  it.each([
    [' 지민 ', '지민'],
    ['a\u0000b\nc\u202ed', 'abcd'],
    ['\ud800', '\ufffd'],
    ['x'.repeat(100), 'x'.repeat(80)],
    ['👩‍🚀'.normalize('NFD'), '👩‍🚀'],
  ])('%j becomes %j', (told, kept) => {
    expect(readDisplayName(told)).toBe(kept)
  })
  it.each(['', '  ', '\u0000', 7, null, undefined, {}])('%j is left out', (told) => {
    expect(readDisplayName(told)).toBeUndefined()
  })
})

describe('a picture from a provider', () => {
  it.each([
    ['https://img.example.com/a.jpg', 'https://img.example.com/a.jpg'],
    ['http://img.example.com/a.jpg', 'https://img.example.com/a.jpg'],
  ])('%j becomes %j', (told, kept) => {
    expect(readPictureUrl(told)).toBe(kept)
  })
  it.each([
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'ftp://img.example.com/a.jpg',
    'https://user:secret@img.example.com/a.jpg',
    'https://:secret@img.example.com/a.jpg',
    `https://img.example.com/${'a'.repeat(2_048)}`,
    '/a.jpg',
    '',
    7,
    null,
  ])('%j is left out', (told) => {
    expect(readPictureUrl(told)).toBeUndefined()
  })
})
