import { dirname } from 'node:path'
import { fileExceptions, folderExceptions, type SizeException } from './size-exceptions.ts'

const filesMax = 16
const linesMax = 200

/** Whether the name of a file says that what it holds was written by a program. */
const isGenerated = (path: string) => /\.generated\.|\/migrations\//.test(path)
const isTest = (path: string) => /\.test\.ts$|\/testing\//.test(path)
const isExcepted = (exceptions: readonly SizeException[], path: string) =>
  exceptions.some(
    (exception) => path === exception.path || (exception.path.endsWith('/') && path.startsWith(exception.path)),
  )

/** Folders with more files than fit into one room, tests counted. `paths` are from the root of the repository. */
export function findLargeFolders(paths: readonly string[], exceptions = folderExceptions): string[] {
  const counts = new Map<string, number>()
  for (const path of paths.filter((path) => !isGenerated(path))) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  }
  return [...counts]
    .filter(([folder, files]) => files > filesMax && !isExcepted(exceptions, folder))
    .map(
      ([folder, files]) =>
        `${folder} has ${files} files, and a folder has at most ${filesMax}, tests counted: put those that are about one thing into a folder of their own`,
    )
}

/** Why a file is too long, or nothing: tests, and files whose first comment gives the reason, may have any length. */
export function findLongFile(path: string, text: string, exceptions = fileExceptions): string[] {
  if (!/\.(ts|sh)$/.test(path) || isTest(path) || isGenerated(path) || isExcepted(exceptions, path)) return []
  const lines = text.trimEnd().split('\n').length
  if (lines <= linesMax || /over 200 lines: \S/i.test(firstComment(path, text))) return []
  return [
    `${path} has ${lines} lines, and a file has at most ${linesMax}: divide it by what its parts are about, or say why not in its first comment, as "Over 200 lines: <reason>"`,
  ]
}

function firstComment(path: string, text: string): string {
  const comment = path.endsWith('.sh') ? /(?:^#.*\n?)+/m : /\/\*[\s\S]*?\*\/|(?:^\s*\/\/.*\n?)+/m
  return comment.exec(text)?.[0] ?? ''
}
