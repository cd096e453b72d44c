/**
 * Does what the load balancer of a cloud does by the annotations of `knative/gateway`: finds a function by path and method, rewrites the
 * host and passes the request on to Kourier's node port. Usage: gateway.ts <file of the Ingress> <address:port> <target address:port>
 */
import { readFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import { keepIdleConnections } from '../../../functions/_lib/process/idle-connections.ts'
import type { KubernetesObject } from '../run/kubectl.ts'
import { readRules } from './load-balancer-rules.ts'

const [file = '', listen = '', target = ''] = process.argv.slice(2)
const rules = readRules(JSON.parse(await readFile(file, 'utf8')) as KubernetesObject)
const [address, port] = listen.split(':')
const agent = new Agent({ keepAlive: true })
/** As `idle_timeout.timeout_seconds` of the load balancer. */
const idleTimeoutMs = 60_000

const server = createServer((incoming, outgoing) => {
  const caller = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const path = (incoming.url ?? '/').split('?')[0] ?? '/'
  const rule = rules.find(({ matches }) => matches({ path, method: incoming.method ?? 'GET', address: caller }))
  if (!rule) {
    outgoing.writeHead(404).end()
    return
  }
  const earlier = incoming.headers['x-forwarded-for']
  const headers = {
    ...incoming.headers,
    host: rule.host,
    'x-forwarded-for': earlier ? `${earlier}, ${caller}` : caller,
    'x-forwarded-proto': 'http',
  }
  const url = `http://${target}${incoming.url}`
  const upstream = request(
    url,
    { method: incoming.method ?? 'GET', headers, agent, timeout: idleTimeoutMs },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      // Before the first byte of the body: a progress stream may be silent for long.
      outgoing.flushHeaders()
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    },
  )
  upstream.on('timeout', () => upstream.destroy(new Error('idle')))
  upstream.on('error', () => {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502).end()
  })
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
})
keepIdleConnections(server)
server.listen(Number(port), address, () => console.log(`${rules.length} rules at ${listen}`))
process.on('SIGTERM', () => process.exit(0))
