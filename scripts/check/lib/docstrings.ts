/** Where every exported function explains itself: code under all domains is used by those who have not read it. */
export const documentedFiles = /^functions\/_(?:lib|contracts)\/(?!.*[.]test[.]ts$).*[.]ts$/

/**
 * Declarations of exported functions, as the formatter writes them: a function, or a constant that is an arrow function. The text is
 * read by lines because TypeScript 7 has no parser for programs and the tree of swc has no comments.
 */
const exportedFunction =
  /^export (?:default )?(?:(?:async )?function\b[ *]*(?<named>\w*)|const (?<constant>\w+)(?:: .+?)? =\s+(?:async )?(?:<|\(|function\b))/gm

/** Exported functions without a docstring, each with what to write. `path` is from the root of the repository. */
export function findUndocumentedFunctions(path: string, text: string): string[] {
  if (!documentedFiles.test(path)) return []
  return [...text.matchAll(exportedFunction)].flatMap(({ index, groups }) => {
    const before = text
      .slice(0, index)
      .replace(/(?:(?<=^|\n)\/\/.*\n)+$/, '')
      .trimEnd()
    if (/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/$/.test(before.slice(before.lastIndexOf('\n/**') + 1))) return []
    const name = groups?.named || groups?.constant || 'default'
    return [
      `${path}:${text.slice(0, index).split('\n').length} "${name}" has no docstring: say in /** … */ above it what it does, what it takes and returns with units, and what it throws, with an @example where the use is not obvious`,
    ]
  })
}
