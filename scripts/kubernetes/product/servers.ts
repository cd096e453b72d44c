import postgresLimits from '../../config/postgresql.json' with { type: 'json' }
import { localImage } from '../images/system-images.ts'
import type { KubernetesObject } from '../run/kubectl.ts'
import { dataNamespace, messagingNamespace } from './names.ts'
import type { Passwords } from './passwords.ts'

/** PostgreSQL, Redis and RabbitMQ of one machine: one instance each, with a disk where production has one. */
export function serverObjects(passwords: Passwords): KubernetesObject[] {
  return [
    namespace(dataNamespace),
    namespace(messagingNamespace),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'server-passwords', namespace: dataNamespace },
      stringData: { postgresql: passwords.postgresql, redis: passwords.redis },
    },
    service('postgresql', 5432),
    postgresql,
    service('redis', 6379),
    redis,
    rabbitmqCluster,
  ]
}

export const postgresUser = 'growbin_admin'
export const postgresDatabase = 'growbin'

const namespace = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': 'growbin' } },
})

const labelsOf = (name: string) => ({ 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'growbin' })

const service = (name: string, port: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: dataNamespace, labels: labelsOf(name) },
  spec: { selector: { 'app.kubernetes.io/name': name }, ports: [{ name, port }] },
})

const password = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'server-passwords', key } } })

// The database is made in a folder of its own and moved when it is complete, so that a killed pod leaves no half of one.
const postgresScript = `set -eu
data=/data/cluster
if [ ! -s "$data/PG_VERSION" ]; then
  umask 077
  rm -rf /data/partial
  printf %s "$PASSWORD" > /tmp/password
  initdb --pgdata=/data/partial --username=${postgresUser} --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> /data/partial/pg_hba.conf
  echo 'create database ${postgresDatabase}' | postgres --single -D /data/partial postgres
  mv /data/partial "$data"
fi
exec postgres -D "$data" -c 'listen_addresses=*' -c unix_socket_directories=/tmp -c max_connections=${postgresLimits.max_connections}`

const postgresql: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'postgresql', namespace: dataNamespace, labels: labelsOf('postgresql') },
  spec: {
    serviceName: 'postgresql',
    selector: { matchLabels: { 'app.kubernetes.io/name': 'postgresql' } },
    template: {
      metadata: { labels: labelsOf('postgresql') },
      spec: {
        enableServiceLinks: false,
        containers: [
          {
            name: 'postgresql',
            image: localImage('postgresql'),
            imagePullPolicy: 'Never',
            args: ['-c', postgresScript],
            env: [{ name: 'PASSWORD', ...password('postgresql') }],
            ports: [{ containerPort: 5432 }],
            readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 2 },
            resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'shm', mountPath: '/dev/shm' },
            ],
          },
        ],
        volumes: [
          { name: 'tmp', emptyDir: {} },
          { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
      },
    ],
  },
}

const redis: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'redis', namespace: dataNamespace, labels: labelsOf('redis') },
  spec: {
    selector: { matchLabels: { 'app.kubernetes.io/name': 'redis' } },
    strategy: { type: 'Recreate' },
    template: {
      metadata: { labels: labelsOf('redis') },
      spec: {
        enableServiceLinks: false,
        containers: [
          {
            name: 'redis',
            image: localImage('redis'),
            imagePullPolicy: 'Never',
            args: ['--bind', '0.0.0.0', '--dir', '/tmp', '--save', '', '--requirepass', '$(PASSWORD)'],
            env: [{ name: 'PASSWORD', ...password('redis') }],
            ports: [{ containerPort: 6379 }],
            readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 2 },
            resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          },
        ],
      },
    },
  },
}

const rabbitmqCluster: KubernetesObject = {
  apiVersion: 'rabbitmq.com/v1beta1',
  kind: 'RabbitmqCluster',
  metadata: { name: 'rabbitmq', namespace: messagingNamespace },
  spec: {
    replicas: 1,
    image: localImage('rabbitmq'),
    persistence: { storage: '10Gi' },
    terminationGracePeriodSeconds: 30,
    resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    rabbitmq: {
      additionalConfig: 'disk_free_limit.absolute = 200MB\nvm_memory_high_watermark.absolute = 600MB\n',
    },
  },
}
