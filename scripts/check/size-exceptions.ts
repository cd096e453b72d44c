/** A path, or the beginning of one that ends with "/", and why the limit is not for it. */
export type SizeException = { path: string; reason: string }

/** Folders that may hold more files than a person can keep in mind. */
export const folderExceptions: readonly SizeException[] = [
  { path: 'eventing/base', reason: 'is generated' },
  { path: 'knative/base', reason: 'is generated' },
  { path: 'functions/_contracts/events', reason: 'is a list: one file an event version, and nothing else' },
]

/** Files that may be long without saying why. Tests are no part of this list: they are never counted. */
export const fileExceptions: readonly SizeException[] = [
  { path: 'functions/recycling/rule-base/', reason: 'is data: the rules themselves' },
  { path: 'functions/auth/session/openapi.ts', reason: 'is data: the description of its routes' },
  { path: 'functions/events/operate/openapi.ts', reason: 'is data: the description of its routes' },
  { path: 'functions/users/profile/openapi.ts', reason: 'is data: the description of its routes' },
]
