import { createHash, createHmac } from 'node:crypto'

/** How a refresh token looks: 256 bits in base64url. */
export const refreshTokenPattern = /^[A-Za-z0-9_-]{43}$/

/** What is stored of a secret word: with 256 bits of randomness a plain hash cannot be turned back. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/**
 * The one successor of a refresh token. It is derived rather than drawn, so that a repeated refresh gets the same answer and
 * nothing but hashes is ever stored; without the key a token says nothing about its successor.
 */
export const successorOf = (key: string, token: string): string =>
  createHmac('sha256', key).update(`refresh:${token}`).digest('base64url')
