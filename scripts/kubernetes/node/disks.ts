import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kubectl, KubernetesObject } from '../run/kubectl.ts'
import { versionOf } from '../run/stamp.ts'
import type { Step } from '../run/step.ts'
import type { Settings } from '../settings.ts'

/** Enough for RabbitMQ, PostgreSQL and Redis of the chart. */
const diskNames = ['disk-1', 'disk-2', 'disk-3', 'disk-4']
const storageClass = 'local'

const folderOf = ({ state }: Settings) => join(state, 'disks')

/** Persistent volumes that are folders of this machine; the class is the default, so that a claim without one gets a volume. */
export function disksStep(settings: Settings, kube: Kubectl): Step {
  const objects = diskObjects(settings)
  return {
    name: 'disks',
    version: versionOf(objects),
    kept: 'state',
    isThere: async () => existsSync(folderOf(settings)),
    run: async (log) => {
      for (const name of diskNames) {
        const folder = join(folderOf(settings), name)
        await mkdir(folder, { recursive: true })
        // The kubelet does not change the owner of such a volume, and each server has a user of its own.
        await chmod(folder, 0o777)
      }
      await kube.apply(objects, log)
      return `${diskNames.length} volumes`
    },
  }
}

const diskObjects = (settings: Settings): KubernetesObject[] => [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  },
  ...diskNames.map((name) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: storageClass,
      capacity: { storage: '50Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path: join(folderOf(settings), name) },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [settings.node] }] },
          ],
        },
      },
    },
  })),
]
