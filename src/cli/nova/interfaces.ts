import { positional, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { serverId } from '../common/servers.js'
import { NOTHING } from '../output/result.js'

const server = positional('SERVER', "the server's name or ID")

interface Attachment {
  readonly port_state: string
  readonly port_id: string
  readonly net_id: string
  readonly mac_addr: string
  readonly fixed_ips: readonly { readonly ip_address: string }[]
}

export const commands: Commands = {
  'interface-list': {
    summary: "List a server's interfaces.",
    positionals: [server],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      const path = `/servers/${id}/os-interface`
      const reply = await context.session.compute.get<{ interfaceAttachments: Attachment[] }>(path)
      const rows = reply.interfaceAttachments.map((one) => [
        one.port_state,
        one.port_id,
        one.net_id,
        one.fixed_ips.map((fixed) => fixed.ip_address).join(','),
        one.mac_addr,
      ])
      return { kind: 'list', columns: ['Port State', 'Port ID', 'Net ID', 'IP addresses', 'MAC Addr'], rows }
    },
  },
  'interface-attach': {
    summary: 'Attach an interface to a server.',
    positionals: [server],
    options: [
      text('--port-id', 'ID of the port', { group: 'target' }),
      text('--net-id', 'ID of the network', { group: 'target' }),
      text('--fixed-ip', 'address on the network'),
    ],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      const fixed = args.text('fixed_ip')
      const attachment = {
        ...(args.has('port_id') && { port_id: args.need('port_id') }),
        ...(args.has('net_id') && { net_id: args.need('net_id') }),
        ...(fixed !== undefined && { fixed_ips: [{ ip_address: fixed }] }),
      }
      await context.session.compute.post(`/servers/${id}/os-interface`, { interfaceAttachment: attachment })
      return NOTHING
    },
  },
  'interface-detach': {
    summary: 'Detach an interface from a server.',
    positionals: [server, positional('PORT-ID', 'ID of the port')],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      await context.session.compute.delete(`/servers/${id}/os-interface/${encodeURIComponent(args.need('port_id'))}`)
      return NOTHING
    },
  },
}
