import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { repositoryRoot } from '../../../lib/repository-root.ts'
import { documentPath } from '../../../openapi/document-path.ts'

export type ApiPages = {
  /** Answers the API document and the page that renders it. Returns false for every other path. */
  answer: (incoming: IncomingMessage, outgoing: ServerResponse, path: string) => boolean
}

const docsPath = '/api/v1/docs'
const rendererFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Growbin API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

const startScript = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

// The renderer sets style attributes, and draws its icons from data URLs. Everything else comes from this host alone.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const mediaTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
}

/** Reads the committed document at each request, so that a regenerated one is served without a restart. */
export function createApiPages(readDocument = () => readFile(join(repositoryRoot, documentPath), 'utf8')): ApiPages {
  const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurityPolicy }
  const pages: Record<string, (outgoing: ServerResponse) => Promise<void>> = {
    '/api/v1/openapi.json': async (outgoing) => {
      send(outgoing, await readDocument(), { 'content-type': 'application/json' })
    },
    [docsPath]: async (outgoing) => send(outgoing, page, html),
    [`${docsPath}/start.js`]: async (outgoing) =>
      send(outgoing, startScript, { 'content-type': mediaTypes['.js'] ?? '' }),
  }
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    pages[`${docsPath}/${name}`] = async (outgoing) =>
      send(outgoing, await readFile(join(rendererFolder, name)), { 'content-type': mediaTypes[extname(name)] ?? '' })
  }
  return {
    answer: (incoming, outgoing, path) => {
      const answerPage = incoming.method === 'GET' || incoming.method === 'HEAD' ? pages[path] : undefined
      if (!answerPage) return false
      answerPage(outgoing).catch(() => outgoing.writeHead(500).end())
      return true
    },
  }
}

function send(outgoing: ServerResponse, body: string | Buffer, headers: Record<string, string>): void {
  outgoing.writeHead(200, { ...headers, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }).end(body)
}
