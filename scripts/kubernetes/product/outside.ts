/**
 * What is outside the cluster: the object store and the simulators of model, maps and login, on this machine where pods reach them.
 * Usage: outside.ts <data directory> <address> <file that is written when all of them answer>
 */
import { rename, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { readOrCreateSecrets } from '../../local/platform/environment/secrets.ts'
import { loginClientId } from '../../local/platform/parts/services.ts'
import { startS3Store } from '../../local/s3-store/start-s3-store.ts'
import { startLoginSimulator } from '../../local/simulators/login/login-simulator.ts'
import { startMapsSimulator } from '../../local/simulators/maps/maps-simulator.ts'
import { startModelSimulator } from '../../local/simulators/model/model-simulator.ts'
import { bucket, ports, region } from './names.ts'

const [directory = '', host = '', readyFile = ''] = process.argv.slice(2)
const secrets = await readOrCreateSecrets(directory)

await startS3Store({
  host,
  port: ports.objectStore,
  directory: join(directory, 'objects'),
  region,
  credentials: secrets.s3,
  buckets: [bucket],
})
const latencyMs = Number(process.env.MODEL_LATENCY_MS ?? 0)
await startModelSimulator({ host, port: ports.model, apiKey: secrets.modelApiKey, latencyMs })
await startMapsSimulator({ host, port: ports.maps, restApiKey: secrets.kakaoRestApiKey })
for (const provider of ['kakao', 'naver', 'google'] as const) {
  // On the loopback interface, where scripts of this machine sign in; pods get there by the same port of `host`.
  await startLoginSimulator({
    provider,
    port: ports[provider],
    clientId: loginClientId,
    clientSecret: secrets.loginClientSecret,
    kakao: { adminKey: secrets.kakaoAdminKey },
  })
  await forward(ports[provider])
}
await writeFile(`${readyFile}.next`, new Date().toISOString())
await rename(`${readyFile}.next`, readyFile)
console.log(`ready at ${host}`)
process.on('SIGTERM', () => process.exit(0))

function forward(port: number): Promise<void> {
  const server = createServer((client) => {
    const login = connect(port, '127.0.0.1')
    client.pipe(login).pipe(client)
    client.on('error', () => login.destroy())
    login.on('error', () => client.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}
