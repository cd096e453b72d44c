import type { Plugin } from 'esbuild'

const namespace = 'lazy-package'

/**
 * Gives a package that is imported lazily the exports that Node.js gives it. esbuild makes a file of its own of a CommonJS
 * package, and that file has nothing but a default export.
 */
export function keepNamedExports(external: readonly string[]): Plugin {
  return {
    name: 'keep-named-exports',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ kind, path, importer, resolveDir }) => {
        // What packages import lazily themselves is written for bundlers.
        const isLeftAlone = path.startsWith('node:') || external.includes(path) || importer.includes('node_modules')
        return kind === 'dynamic-import' && !isLeftAlone ? { path, namespace, pluginData: resolveDir } : undefined
      })
      build.onLoad({ filter: /./, namespace }, async ({ path, pluginData }) => {
        // What else Node.js lists, such as "module.exports", no code can name.
        const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name))
        return {
          contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)}`,
          resolveDir: pluginData as string,
        }
      })
    },
  }
}
