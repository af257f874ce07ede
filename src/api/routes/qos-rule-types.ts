/** `/qos/rule-types`: the kinds of rules that hosts carry out, or (guarantees) that Placement is asked for. */
import { adminRequired, Fault } from '../faults.js'
import { repeatable } from '../openapi/operation.js'
import { allowed, NO_TARGET } from '../policy/rules.js'
import { READER } from '../resources/common.js'
import { DSCP_MARKS } from '../resources/qos.js'
import { BOOLEAN_TEXT, toBoolean } from '../wire/convert.js'
import { parseFields } from '../wire/list-query.js'
import { parseQuery } from '../wire/query-string.js'
import { ANY, arrayOf, objectOf, objectWith, TEXT } from '../wire/schema.js'
import { shown } from '../wire/text.js'
import type { Environment } from './environment.js'
import { param, type Routes } from './routes.js'

const MOST = 2 ** 31 - 1

const range = (start: number) => ({ start, end: MOST })
const parameter = (name: string, type: 'range' | 'choices', values: unknown) => ({
  parameter_name: name,
  parameter_type: type,
  parameter_values: values,
})

const TYPES: Readonly<Record<string, readonly object[]>> = {
  bandwidth_limit: [
    parameter('max_kbps', 'range', range(0)),
    parameter('max_burst_kbps', 'range', range(0)),
    parameter('direction', 'choices', ['egress', 'ingress']),
  ],
  packet_rate_limit: [
    parameter('max_kpps', 'range', range(0)),
    parameter('max_burst_kpps', 'range', range(0)),
    parameter('direction', 'choices', ['egress', 'ingress']),
  ],
  dscp_marking: [parameter('dscp_mark', 'choices', DSCP_MARKS)],
  minimum_bandwidth: [
    parameter('min_kbps', 'range', range(0)),
    parameter('direction', 'choices', ['egress', 'ingress']),
  ],
  minimum_packet_rate: [
    parameter('min_kpps', 'range', range(0)),
    parameter('direction', 'choices', ['egress', 'ingress', 'any']),
  ],
}

const PARAMETER = objectOf({ parameter_name: TEXT, parameter_type: TEXT, parameter_values: ANY })
const DRIVER = objectOf({ name: TEXT, supported_parameters: arrayOf(PARAMETER) })
const OPERATIONS = {
  list: {
    id: 'list_qos_rule_types',
    summary: 'List the kinds of QoS rules',
    query: [
      'fields' as const,
      repeatable('type'),
      repeatable('all_rules', BOOLEAN_TEXT),
      repeatable('all_supported', BOOLEAN_TEXT),
    ],
    reply: objectWith({ rule_types: arrayOf(objectOf({ type: TEXT })) }),
  },
  show: {
    id: 'show_qos_rule_type',
    summary: 'Show the parameters of a kind of QoS rule',
    reply: objectWith({ rule_type: objectOf({ type: TEXT, drivers: arrayOf(DRIVER) }) }),
  },
}

export function qosRuleTypeRoutes(routes: Routes, env: Environment): void {
  if (!env.resources.has('policies')) return
  const rule = env.policy.rule('get_rule_type', READER)
  routes.on(
    'GET',
    '/v2.0/qos/rule-types',
    async (request) => {
      if (!allowed(rule, request.ctx, NO_TARGET)) return { rule_types: [] }
      const query = parseQuery(request.url)
      // all there are, and all that hosts carry out: the same here
      for (const flag of ['all_rules', 'all_supported']) for (const value of query.get(flag) ?? []) toBoolean(value)
      const wanted = query.get('type')
      const types = Object.keys(TYPES).filter((type) => !wanted || wanted.includes(type))
      const fields = parseFields(query)
      return { rule_types: types.map((type) => (fields === null || fields.has('type') ? { type } : {})) }
    },
    OPERATIONS.list,
  )
  routes.on(
    'GET',
    '/v2.0/qos/rule-types/:type',
    async (request) => {
      const type = param(request, 'type')
      if (!request.ctx.isAdmin) throw adminRequired('Only admin can see the details of a QoS rule type')
      const parameters = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
      if (!parameters) throw new Fault('QosRuleTypeNotFound', 404, `QoS rule type ${shown(type)} could not be found.`)
      return { rule_type: { type, drivers: [{ name: 'openvswitch', supported_parameters: parameters }] } }
    },
    OPERATIONS.show,
  )
}
