import type { ImageConfig } from './oci/image.ts'

/** Where the parts of an image are. The compile cache counts only under the paths, and for the user, that it was made with. */
export const paths = { node: '/usr/local/bin/node', app: '/app', compileCache: '/app/compile-cache' } as const

/** Neither root nor a user of any machine. It owns nothing in the image. */
export const userId = 65_532

const heldByAll = {
  PATH: '/usr/local/bin',
  NODE_ENV: 'production',
  NODE_COMPILE_CACHE: paths.compileCache,
  // A heap of glibc for each thread keeps what photos have left in it: 100 MiB more were measured.
  MALLOC_ARENA_MAX: '2',
}

/** Node.js is process 1 and receives SIGTERM. `args` of a container replace the command and keep Node.js. */
export function configOf(mainFile: string, port?: number): ImageConfig {
  const environment = { ...heldByAll, ...(port !== undefined && { PORT: String(port) }) }
  return {
    User: `${userId}:${userId}`,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Entrypoint: [paths.node],
    Cmd: [mainFile],
    WorkingDir: paths.app,
    ...(port !== undefined && { ExposedPorts: { [`${port}/tcp`]: {} } }),
  }
}
