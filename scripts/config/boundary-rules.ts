import type { IForbiddenRuleType } from 'dependency-cruiser'

/** Tests, and the suites that tests of several functions share. */
const tests = '([.]test[.]ts$|/testing/)'
/** Descriptions of the API for its document. */
const openapi = '^functions/(.*[/.]openapi[.]ts$|_lib/openapi/)'
/** The description of a function: a file of its domain that makes its events takes the type from there, and imports nothing at run time. */
const descriptions = '^functions/[^/]+/[^/]+/function[.]ts$'
/** Places that may know a product, whichever it is. */
const composition = ['/main[.]ts$', '[/-]schema[.]ts$', tests]

/** Each driver, and the adapters beside `main.ts` and `schema.ts` that may import it. */
const drivers: readonly { name: string; packages: readonly string[]; adapters: string }[] = [
  { name: 'pg', packages: ['pg', 'drizzle-orm'], adapters: '[.]pg[.]ts$' },
  { name: 'redis', packages: ['ioredis'], adapters: '[.]redis[.]ts$' },
  { name: 's3', packages: ['@aws-sdk/[^/]+'], adapters: '[.]s3[.]ts$' },
  { name: 'openai', packages: ['openai'], adapters: '[.]openai[.]ts$' },
  { name: 'amqp', packages: ['amqplib'], adapters: '[.]amqp[.]ts$' },
  { name: 'sharp', packages: ['sharp'], adapters: '^functions/waste/analysis/image/' },
]

/**
 * The layers, from the lowest; `functions` is below all of them, and whatever else is in scripts above. An arrow runs down or stays
 * in its layer. Tests are no exception.
 */
const layers: readonly { name: string; folders: readonly string[]; instead: string }[] = [
  {
    name: 'lib',
    folders: ['lib', 'config', 'photos'],
    instead: 'it is under every tool, and knows none. Pass in what it needs.',
  },
  {
    name: 'tools',
    folders: ['manifests', 'openapi', 'bundle', 'images', 'migration'],
    instead:
      'it makes or reads what is deployed, and knows no platform that runs it. Move a test that starts the platform to scripts/e2e.',
  },
  {
    name: 'local',
    folders: ['local'],
    instead:
      'the local platform is what faults, benches, checks and end-to-end tests use. Turn the import round, or move what both need down.',
  },
]
const pathOf = (folders: readonly string[]) => `^scripts/(${folders.join('|')})(/|[.]ts$)`

const layerRules = layers.map(({ name, folders, instead }, index) => ({
  name: `layer-${name}`,
  comment: `An arrow that runs upward: ${folders.map((folder) => `scripts/${folder}`).join(', ')} is in a lower layer, since ${instead}`,
  from: { path: pathOf(folders) },
  to: { path: '^scripts/', pathNot: pathOf(layers.slice(0, index + 1).flatMap((layer) => layer.folders)) },
}))

/**
 * What may import what, for dependency-cruiser. `functionFolders` are the folders that hold a function, such as
 * `functions/waste/presign`; other folders of a domain are shared by its functions, except `tasks`.
 */
export function createBoundaryRules(functionFolders: readonly string[]): IForbiddenRuleType[] {
  const operations = [...functionFolders.map((folder) => `${folder}/`), '^functions/[^/]+/tasks/']
    .map((folder) => (folder.startsWith('^') ? folder.slice(1) : folder))
    .join('|')
  const composers = '^functions/(jobs/|events/(relay|dead-letter)/)'
  return [
    {
      name: 'lib-knows-no-domain',
      comment:
        'functions/_lib is the platform under every domain. Pass in what it needs as an argument, or move the file into the domain whose words it uses.',
      from: { path: '^functions/_lib/' },
      to: { path: '^functions/(?!_lib/)' },
    },
    {
      name: 'contracts-know-no-domain',
      comment:
        'functions/_contracts is what two domains agree on, so neither may own it. Describe the shape in the contract itself.',
      from: { path: '^functions/_contracts/' },
      to: { path: '^functions/(?!_contracts/|_lib/)' },
    },
    {
      name: 'no-other-domain',
      comment:
        'A domain that imports another can no longer be changed or deployed alone. Send an event, call the other over HTTP, or read the view that it publishes.',
      // A test may hold two domains against each other: that the words of one fit the rules of another.
      from: { path: '^functions/([^_/][^/]*)/', pathNot: [composers, '[.]test[.]ts$'] },
      to: { path: '^functions/[^_/][^/]*/', pathNot: '^functions/$1/' },
    },
    {
      name: 'only-tasks-of-domains',
      comment:
        'A jobs function, the relay and the dead-letter function put together the background work that domains export. Move what you need to functions/<domain>/tasks/<task>.ts.',
      from: { path: composers, pathNot: tests },
      to: {
        path: '^functions/[^_/][^/]*/',
        pathNot: ['^functions/$1', '^functions/[^/]+/tasks/', '^functions/events/[^/]+[.]ts$'],
      },
    },
    {
      name: 'no-other-function',
      comment:
        'A function is deployed alone. Move what two of them share to a file of the domain, functions/<domain>/<file>.ts.',
      from: { path: '^functions/([^_/][^/]*)/([^/]+)/', pathNot: [composers, tests] },
      to: { path: `^(${operations})`, pathNot: '^functions/$1/$2/' },
    },
    {
      name: 'domain-file-knows-no-function',
      comment:
        'The files of a domain are under its functions. Turn the import round: let the function pass in what the shared file needs.',
      from: { path: '^functions/[^_/][^/]*/[^/]+[.]ts$', pathNot: tests },
      to: { path: `^(${operations})`, pathNot: descriptions },
    },
    ...drivers.map(({ name, packages, adapters }) => ({
      name: `driver-${name}`,
      comment: `Only main.ts, schema.ts and the adapters (${adapters}) know the product. Name the ability that you need in the operation's deps, and give it an adapter.`,
      from: { path: '^functions/', pathNot: [...composition, adapters] },
      to: { path: `(^|node_modules/)(${packages.join('|')})(/|$)` },
    })),
    {
      name: 'functions-know-no-scripts',
      comment:
        'A function runs in a cluster, where scripts are not. Move shared code to functions/_lib and let the script import it.',
      from: { path: '^functions/', pathNot: tests },
      to: { path: '^scripts/' },
    },
    {
      name: 'openapi-only-in-scripts',
      comment:
        'What documents the API is read by scripts/openapi.ts and by tests, and must not cost a function its start. Move what the function needs into a file without "openapi" in its name.',
      from: { path: '^functions/', pathNot: [tests, openapi] },
      to: { path: openapi },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'A folder named testing is for tests and never deployed. Move what a function needs out of it.',
      from: { path: '^functions/', pathNot: tests },
      to: { path: '^functions/.*/testing/' },
    },
    {
      name: 'tests-use-only-local-scripts',
      comment:
        'A test may start the local platform in scripts/local and migrate a database, and depends on no other tool.',
      from: { path: '[.]test[.]ts$', pathNot: '^scripts/' },
      to: { path: '^scripts/', pathNot: '^scripts/(local|lib|migration)/' },
    },
    {
      name: 'testing-knows-no-scripts',
      comment:
        'A folder named testing is under the scripts that start servers. Let the test start the server and pass it in, or move what is no server to functions/_lib/testing.',
      from: { path: '^functions/.*/testing/', pathNot: '[.]test[.]ts$' },
      to: { path: '^scripts/' },
    },
    ...layerRules,
    {
      name: 'no-cycle',
      comment: 'Files that import each other can only be read together. Move what both need into a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-index-file',
      comment: 'An index file hides where things are and pulls in what nobody asked for. Import the file itself.',
      from: {},
      to: { path: '^(functions|scripts)/.*/index[.]ts$' },
    },
    {
      name: 'resolvable',
      comment: 'Nothing is there. A relative import names the file with its extension, ".ts".',
      from: {},
      to: { couldNotResolve: true },
    },
  ].map((rule): IForbiddenRuleType => ({ ...rule, severity: 'error' }))
}
