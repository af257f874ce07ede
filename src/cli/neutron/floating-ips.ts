import { positional, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { textResult } from '../output/result.js'
import { listCommand } from './list.js'
import { FLOATING_IP, idOf, itemPath, NETWORK } from './resource.js'
import { createCommand, deleteCommand, showCommand, TENANT_ID } from './verbs.js'

const floatingIp = positional('FLOATINGIP_ID', "the floating IP's ID")
const fixedAddress = text('--fixed-ip-address', "which of the port's addresses; needed when it has several")

export const commands: Commands = {
  'floatingip-list': listCommand(FLOATING_IP, {
    summary: 'List floating IPs.',
    columns: ['id', 'fixed_ip_address', 'floating_ip_address', 'port_id'],
  }),
  'floatingip-show': showCommand(FLOATING_IP, 'Show a floating IP.'),
  'floatingip-create': createCommand(FLOATING_IP, {
    summary: 'Take a floating IP from an external network.',
    positionals: [positional('FLOATING_NETWORK', "the external network's ID or name")],
    options: [
      text('--port-id', 'ID of the port to associate it with'),
      fixedAddress,
      text('--floating-ip-address', 'the address to take'),
      TENANT_ID,
    ],
    complete: async (context, args, body) => {
      body.floating_network_id = await idOf(context, NETWORK, args.need('floating_network'))
    },
  }),
  'floatingip-delete': deleteCommand(FLOATING_IP, 'Give floating IPs back.'),
  'floatingip-associate': {
    summary: 'Associate a floating IP with a port.',
    positionals: [floatingIp, positional('PORT', "the port's ID")],
    options: [fixedAddress],
    async run(context, args) {
      const id = args.need('floatingip_id')
      const fixed = args.text('fixed_ip_address')
      const body = { port_id: args.need('port'), ...(fixed && { fixed_ip_address: fixed }) }
      await context.session.network.put(itemPath(FLOATING_IP, id), { floatingip: body })
      return textResult(`Associated floating IP ${id}`)
    },
  },
  'floatingip-disassociate': {
    summary: 'Remove a floating IP from its port.',
    positionals: [floatingIp],
    async run(context, args) {
      const id = args.need('floatingip_id')
      await context.session.network.put(itemPath(FLOATING_IP, id), { floatingip: { port_id: null } })
      return textResult(`Disassociated floating IP ${id}`)
    },
  },
}
