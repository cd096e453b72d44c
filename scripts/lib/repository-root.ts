import { resolve } from 'node:path'

/** The folder that holds `functions` and `scripts`. */
export const repositoryRoot = resolve(import.meta.dirname, '../..')
