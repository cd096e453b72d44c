/** A path, or the beginning of one that ends with "/", and why the limit is not for it. */
export type SizeException = { path: string; reason: string }

const divided = 'is being divided into rooms; take this line away with it'

/** Folders that may hold more files than a person can keep in mind. */
export const folderExceptions: readonly SizeException[] = [
  { path: 'eventing/base', reason: 'is generated' },
  { path: 'knative/base', reason: 'is generated' },
  { path: 'functions/_contracts', reason: 'is a list: one file an event version, and nothing else' },
  { path: 'functions/_lib/stores', reason: divided },
  { path: 'functions/waste/job', reason: divided },
]

/** Files that may be long without saying why. Tests are no part of this list: they are never counted. */
export const fileExceptions: readonly SizeException[] = [
  { path: 'functions/recycling/rule-base/', reason: 'is data: the rules themselves' },
  { path: 'functions/auth/session/openapi.ts', reason: 'is data: the description of its routes' },
  { path: 'functions/events/operate/openapi.ts', reason: 'is data: the description of its routes' },
  { path: 'functions/users/profile/openapi.ts', reason: 'is data: the description of its routes' },
  { path: 'scripts/faults/world/start-world.ts', reason: divided },
  { path: 'scripts/local/broker/broker.ts', reason: divided },
  { path: 'scripts/local/demo/growbin-client.ts', reason: divided },
  { path: 'scripts/local/simulators/login/login-simulator.ts', reason: divided },
]
