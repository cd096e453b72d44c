/** The forms in which the name of a function appears in its code. */
export type Words = {
  /** `waste-tidy-photo` */
  name: string
  /** `waste` */
  domain: string
  /** `waste`: the domain whose login at PostgreSQL it has. */
  login: string
  /** `tidy-photo` */
  operation: string
  /** `tidyPhoto` */
  camel: string
  /** `TidyPhoto` */
  pascal: string
}

export function wordsOf(name: string): Words {
  const operation = name.slice(name.indexOf('-') + 1)
  const pascal = pascalCase(operation)
  const domain = name.slice(0, name.indexOf('-'))
  return {
    name,
    domain,
    // The functions of `jobs` have no tables: what they note about their own work is kept by `events`.
    login: domain === 'jobs' ? 'events' : domain,
    operation,
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
  }
}

export function pascalCase(text: string): string {
  return text
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** The parameters of a path, as it names them and as code does: `/:job_id` has `{ name: 'job_id', camel: 'jobId' }`. */
export const parametersOf = (path: string): { name: string; camel: string }[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    camel: name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  }))
