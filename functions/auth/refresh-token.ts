import { createHash, createHmac } from 'node:crypto'

/** The format of a refresh token: 256 bits in base64url. */
export const refreshTokenPattern = /^[A-Za-z0-9_-]{43}$/

/** Returns the SHA-256 that is stored in place of a secret. Without a salt, since 256 random bits cannot be guessed. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/**
 * Derives the only successor of a refresh token by HMAC-SHA-256 with the secret `key`. Because it is derived and not random, a
 * repeated refresh gets the same token although only hashes are stored. Without the key a token reveals nothing about its successor.
 */
export const successorOf = (key: string, token: string): string =>
  createHmac('sha256', key).update(`refresh:${token}`).digest('base64url')
