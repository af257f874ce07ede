import { type Cookie, formatCookie } from './cookie.js'
import { hex } from './match.js'

/** What a flow does, in order; a `goto`, or another that names a table to go on in, is always last. No actions at all: drop. */
export type Action<Table = number> =
  | { readonly kind: 'output'; readonly port: number }
  /** the switch's own learning-switch behaviour, VLAN-aware by port tags */
  | { readonly kind: 'normal' }
  /** back out of the port it came from (plain output would suppress it) */
  | { readonly kind: 'inPort' }
  | { readonly kind: 'popVlan' }
  /** tags an untagged frame */
  | { readonly kind: 'pushVlan'; readonly vlan: number }
  /** changes the id of a tagged frame */
  | { readonly kind: 'setVlan'; readonly vlan: number }
  | { readonly kind: 'setTunnel'; readonly id: number }
  | { readonly kind: 'setEthSrc' | 'setEthDst'; readonly mac: string }
  | { readonly kind: 'setDscp'; readonly dscp: number }
  | { readonly kind: 'setReg6'; readonly value: number }
  /** sends the connection to another destination, and goes on in `table` */
  | { readonly kind: 'translate'; readonly to: string; readonly zone: number; readonly table: Table }
  /** takes back what `translate` did to the connection, if anything, and goes on in `table` */
  | { readonly kind: 'translateBack'; readonly zone: number; readonly table: Table }
  /** turns the ARP request into the answer `ip` is at `mac` */
  | { readonly kind: 'answerArp'; readonly ip: string; readonly mac: string }
  /** in `table`: frames of this VLAN to this source MAC go to the tunnel this frame came from, for 300 s */
  | { readonly kind: 'learnTunnel'; readonly table: Table; readonly cookie: Cookie }
  | { readonly kind: 'goto'; readonly table: Table }

/** OpenFlow's vlan_vid has a 13th bit that says "tagged". */
const PRESENT = 0x1000

/** Text as `ovs-ofctl dump-flows` prints it after `actions=`. */
export function renderActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map(renderAction).join(',')
}

function renderAction(action: Action): string {
  switch (action.kind) {
    case 'output':
      return `output:${action.port}`
    case 'normal':
      return 'NORMAL'
    case 'inPort':
      return 'IN_PORT'
    case 'popVlan':
      return 'pop_vlan'
    case 'pushVlan':
      return `push_vlan:0x8100,set_field:${PRESENT | action.vlan}->vlan_vid`
    case 'setVlan':
      return `set_field:${PRESENT | action.vlan}->vlan_vid`
    case 'setTunnel':
      return `set_field:${hex(action.id)}->tun_id`
    case 'setEthSrc':
      return `set_field:${action.mac}->eth_src`
    case 'setEthDst':
      return `set_field:${action.mac}->eth_dst`
    case 'setDscp':
      return `set_field:${action.dscp}->ip_dscp`
    case 'setReg6':
      return `set_field:${hex(action.value)}->reg6`
    case 'translate':
      return `ct(commit,table=${action.table},zone=${action.zone},nat(dst=${action.to}))`
    case 'translateBack':
      return `ct(table=${action.table},zone=${action.zone},nat)`
    case 'answerArp':
      return renderArpAnswer(action)
    case 'learnTunnel':
      return renderLearn(action)
    case 'goto':
      return `goto_table:${action.table}`
  }
}

/** The asker's addresses are moved to the target fields before its own are overwritten. */
function renderArpAnswer({ ip, mac }: { readonly ip: string; readonly mac: string }): string {
  return [
    'set_field:2->arp_op',
    'move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]',
    'move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]',
    `set_field:${mac}->arp_sha`,
    `set_field:${ip}->arp_spa`,
    'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
    `set_field:${mac}->eth_src`,
    'IN_PORT',
  ].join(',')
}

function renderLearn({ table, cookie }: { readonly table: number; readonly cookie: Cookie }): string {
  const parts = [
    `table=${table}`,
    'hard_timeout=300',
    'priority=1',
    `cookie=${formatCookie(cookie)}`,
    'NXM_OF_VLAN_TCI[0..11]',
    'NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]',
    'load:0->NXM_OF_VLAN_TCI[]',
    'load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[]',
    'output:OXM_OF_IN_PORT[]',
  ]
  return `learn(${parts.join(',')})`
}
