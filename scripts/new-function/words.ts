/** The forms in which the name of a function appears in its code. */
export type Words = {
  /** `waste-tidy-photo` */
  name: string
  /** `waste` */
  domain: string
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
  return {
    name,
    domain: name.slice(0, name.indexOf('-')),
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
