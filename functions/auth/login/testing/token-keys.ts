/** A value of `PROVIDER_TOKEN_KEYS`. */
export const testTokenKeys = JSON.stringify({
  current: 'test',
  keys: { test: Buffer.alloc(32, 'a key for tests').toString('base64') },
})
