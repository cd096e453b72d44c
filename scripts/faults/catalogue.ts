import type { Fault } from './fault.ts'
import { f01 } from './faults/processes/f01-killed-analysis.ts'
import { f02 } from './faults/processes/f02-killed-api.ts'
import { f03 } from './faults/processes/f03-killed-relay.ts'
import { f04 } from './faults/processes/f04-killed-dispatcher.ts'
import { f15 } from './faults/processes/f15-terminated.ts'
import { f16 } from './faults/processes/f16-scaled-to-zero.ts'
import { f19 } from './faults/processes/f19-starved-process.ts'
import { f21 } from './faults/processes/f21-terminated-dispatcher.ts'
import { f05 } from './faults/servers/f05-rabbitmq-unavailable.ts'
import { f06 } from './faults/servers/f06-broker-full.ts'
import { f07 } from './faults/servers/f07-redis-unavailable.ts'
import { f08 } from './faults/servers/f08-postgres-unavailable.ts'
import { f09 } from './faults/servers/f09-s3-faults.ts'
import { f10 } from './faults/servers/f10-model-faults.ts'
import { f18 } from './faults/servers/f18-dead-letter-sink-unavailable.ts'
import { f22 } from './faults/servers/f22-outage-of-an-hour.ts'
import { f11 } from './faults/traffic/f11-duplicates.ts'
import { f12 } from './faults/traffic/f12-poison.ts'
import { f13 } from './faults/traffic/f13-clock-jumps.ts'
import { f14 } from './faults/traffic/f14-slow-consumer.ts'
import { f17 } from './faults/traffic/f17-rotation-and-skew.ts'
import { f20 } from './faults/traffic/f20-deleted-account.ts'

/** Every fault that needs no cluster, in the order of the table. */
export const faults: readonly Fault[] = [
  f01,
  f02,
  f03,
  f04,
  f05,
  f06,
  f07,
  f08,
  f09,
  f10,
  f11,
  f12,
  f13,
  f14,
  f15,
  f16,
  f17,
  f18,
  f19,
  f20,
  f21,
  f22,
]

/** Faults of the table that this machine cannot show. */
export const notRun: readonly { id: string; what: string; why: string }[] = [
  {
    id: 'F5',
    what: 'a partition between three RabbitMQ nodes',
    why: 'needs three nodes that can be cut from each other',
  },
  { id: 'F7', what: 'failover to a replica of Redis', why: 'one Redis runs, also in the cluster' },
  { id: 'F8', what: 'failover to a replica of PostgreSQL', why: 'one PostgreSQL runs, also in the cluster' },
  { id: 'F15', what: 'draining a node', why: 'needs a cluster' },
  { id: 'F19', what: 'a full disk', why: 'would fill the disk of this machine' },
]
