import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { documentPath } from '../../openapi/document-path.ts'
import { repositoryRoot } from './function-catalogue.ts'

export type ApiPages = {
  /** Answers the document of the API and its page for people. False for every other path. */
  answer: (incoming: IncomingMessage, outgoing: ServerResponse, path: string) => boolean
}

/** Reads the committed document at each request, so that what is generated anew is seen at once. */
export function createApiPages(readDocument = () => readFile(join(repositoryRoot, documentPath), 'utf8')): ApiPages {
  const pages: Record<string, (outgoing: ServerResponse) => Promise<void>> = {
    '/api/v1/openapi.json': async (outgoing) => {
      send(outgoing, await readDocument(), { 'content-type': 'application/json' })
    },
    '/api/v1/docs': async (outgoing) => {
      const document = JSON.parse(await readDocument())
      const { renderDocsPage } = await import('../../openapi/docs-page/page.ts')
      const page = renderDocsPage(document)
      send(outgoing, page, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyOf(page) })
    },
  }
  return {
    answer: (incoming, outgoing, path) => {
      const page = incoming.method === 'GET' || incoming.method === 'HEAD' ? pages[path] : undefined
      if (!page) return false
      page(outgoing).catch(() => outgoing.writeHead(500).end())
      return true
    },
  }
}

function send(outgoing: ServerResponse, text: string, headers: Record<string, string>): void {
  outgoing.writeHead(200, { ...headers, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }).end(text)
}

/** Lets the page run its own script and style and nothing else, and ask nobody for anything. */
function policyOf(page: string): string {
  const hashOf = (tag: string) => {
    const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? ''
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  }
  return [
    "default-src 'none'",
    `style-src ${hashOf('style')}`,
    `script-src ${hashOf('script')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
