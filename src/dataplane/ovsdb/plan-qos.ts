import { symbol } from './plan-bridges.js'
import type { Replica } from './replica.js'
import type { PortRate } from './types.js'
import { mapOf, type Operation, sameRecord, setOf, uuid } from './values.js'

/** Marks our QoS rows with the name of their port. */
export const LIMIT_OF = 'eastwest-limit-of'

/** Operations that let a port send at this rate (null: at any) by a queue of its own. Strangers' rows are left alone. */
export function planQos(replica: Replica, port: string, rate: PortRate | null): Operation[] {
  const present = replica.qosOf(port)
  const ours = present?.externalIds[LIMIT_OF] === port ? present : null
  if (rate === null) return ours ? [setQos(port, setOf([])), ...remove(ours)] : []
  const whole = { 'max-rate': String(rate.bitsPerSecond) }
  const queue = { ...whole, burst: String(rate.burstBits) }
  if (!ours) return create(port, whole, queue)
  return [
    ...(sameRecord(ours.otherConfig, whole) ? [] : [update('QoS', ours.id, whole)]),
    ...ours.queues.flatMap(({ id, otherConfig }) =>
      sameRecord(otherConfig, queue) ? [] : [update('Queue', id, queue)],
    ),
  ]
}

/** Our rows of ports that are gone: nothing else removes them. */
export function planForgottenQos(replica: Replica): Operation[] {
  return replica
    .unusedQos()
    .filter(({ externalIds }) => externalIds[LIMIT_OF] !== undefined)
    .flatMap(remove)
}

interface Rows {
  readonly id: string
  readonly queues: readonly { readonly id: string }[]
}

function create(port: string, whole: Record<string, string>, queue: Record<string, string>): Operation[] {
  const externalIds = mapOf({ [LIMIT_OF]: port })
  const [queueName, qosName] = [symbol('queue', port), symbol('qos', port)]
  return [
    {
      op: 'insert',
      table: 'Queue',
      'uuid-name': queueName,
      row: { other_config: mapOf(queue), external_ids: externalIds },
    },
    {
      op: 'insert',
      table: 'QoS',
      'uuid-name': qosName,
      row: {
        type: 'linux-htb',
        other_config: mapOf(whole),
        external_ids: externalIds,
        queues: ['map', [[0, ['named-uuid', queueName]]]],
      },
    },
    setQos(port, ['named-uuid', qosName]),
  ]
}

const setQos = (port: string, qos: unknown): Operation => ({
  op: 'update',
  table: 'Port',
  where: [['name', '==', port]],
  row: { qos },
})

const update = (table: 'QoS' | 'Queue', id: string, config: Record<string, string>): Operation => ({
  op: 'update',
  table,
  where: [['_uuid', '==', uuid(id)]],
  row: { other_config: mapOf(config) },
})

function remove({ id, queues }: Rows): Operation[] {
  const row = (table: 'QoS' | 'Queue', rowId: string): Operation => ({
    op: 'delete',
    table,
    where: [['_uuid', '==', uuid(rowId)]],
  })
  return [row('QoS', id), ...queues.map((queue) => row('Queue', queue.id))]
}
