import { type Component, components } from '../../lib/component-versions.ts'

const versionsPath = 'charts/versions.json'
// Helm reads files of its chart only: a link to the one file.
const linkedPath = 'charts/growbin/versions.json'
/** Documents record what was run with which version; a lock file and `package.json` have the packages of npm. */
const exempt = /[.]md$|[.]test[.]ts$|[.]generated[.]|^package(-lock)?[.]json$|^functions\/[^/]+\/migrations\//
const generated = /^# Generated from charts\/versions[.]json/

const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')

type Pattern = { pattern: RegExp; component: string }

/** What states a version: one of the list as it is, or any behind the address, image or package that a component is released by. */
export function createVersionPatterns(list: Readonly<Record<string, Component>>): Pattern[] {
  return Object.entries(list).flatMap(([component, { version, source, one_machine }]) => {
    const [before = '', after] = source.split('{version}')
    const registry = /^(.+?)(@v?|==)\d/.exec(one_machine?.package ?? '')
    const texts = [
      // Two numbers alone, as 18.4, are anything.
      ...[version, one_machine?.version]
        .filter((text) => /^\d+[.]\d+[.]\d/.test(text ?? ''))
        .map((text) => `(?<![\\w.-])v?${literal(text ?? '')}(?![\\w.])`),
      ...(after === undefined ? [] : [`${literal(before)}\\d`]),
      ...(registry ? [`${literal(`${registry[1]}${registry[2]}`)}\\d`] : []),
    ]
    return texts.map((text) => ({ pattern: new RegExp(text), component }))
  })
}

/** Places in a file, other than its comments, that state the version of a component. */
export function findStatedVersions(path: string, text: string, patterns = createVersionPatterns(components)): string[] {
  if (path === versionsPath || path === linkedPath || exempt.test(path) || generated.test(text)) return []
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (/^\s*(#|\/\/|\/?\*)/.test(line)) return []
    const found = patterns.find(({ pattern }) => pattern.test(line))
    return found
      ? `${path}:${index + 1}: states a version of "${found.component}"; ${versionsPath} has it, read it by scripts/lib/component-versions.ts`
      : []
  })
}
