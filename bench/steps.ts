import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { inNode } from '../src/lab/node.js'
import {
  allow,
  boot,
  deleteInstance,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  VXLAN,
} from '../src/lab/proof/objects.js'
import { create } from '../test/lib/cloud.js'
import { startLab, type TestLab } from '../test/lib/lab.js'

const ROUNDS = 5

/**
 * From an API call to the packet that shows it: the rivals' table. A ping every 10 ms runs before the call; the time of
 * the first answer counts.
 */
export async function run(): Promise<unknown> {
  const lab = await startLab('bench-steps', 21_000)
  try {
    const figures: Record<string, number[]> = {}
    const note = (name: string, ms: number) => {
      figures[name] ??= []
      figures[name].push(Math.round(ms))
    }
    const { id: ext } = await makeExternal(lab, 'flat', 'ext-net')
    await allow(lab, { protocol: 'icmp' })
    for (let round = 1; round <= ROUNDS; round++) await oneRound(lab, ext, round, note)
    const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
    return {
      rounds: ROUNDS,
      unit: 'ms',
      medians: Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)])),
      all: figures,
    }
  } finally {
    await lab.down()
  }
}

async function oneRound(
  lab: TestLab,
  ext: string,
  round: number,
  note: (name: string, ms: number) => void,
): Promise<void> {
  const net1 = await makeNetwork(lab, `net1-${round}`, '192.168.1.0/24', VXLAN)
  const net2 = await makeNetwork(lab, `net2-${round}`, '192.168.2.0/24', VXLAN)
  const { id: router } = await makeRouter(lab, `router-${round}`, { subnets: [net1.subnetId] })
  const bootStarted = performance.now()
  const i1 = await boot(lab, { name: `i1-${round}`, networkId: net1.id })
  note('boot called -> instance ACTIVE (configured by DHCP)', performance.now() - bootStarted)
  const i2 = await boot(lab, { name: `i2-${round}`, networkId: net2.id })
  await lab.settled()

  const network = lab.demo.network
  note(
    'router interface added -> routed ping',
    await answered(lab, i1, i2.ip, () =>
      network.put(`/v2.0/routers/${router}/add_router_interface`, { subnet_id: net2.subnetId }),
    ),
  )
  note(
    'gateway set -> first ping through SNAT',
    await answered(lab, i1, '203.0.113.1', () =>
      network.put(`/v2.0/routers/${router}`, { router: { external_gateway_info: { network_id: ext } } }),
    ),
  )
  const fip = await create(lab, 'floatingips', { floating_network_id: ext })
  const address = String(fip.floating_ip_address)
  note(
    'floating IP associated -> first answer',
    await answered(lab, 'outside', address, () =>
      network.put(`/v2.0/floatingips/${fip.id}`, { floatingip: { port_id: i1.portId } }),
    ),
  )

  const { security_groups } = await network.get<{
    security_groups: { id: string; security_group_rules: { id: string; protocol: string | null }[] }[]
  }>('/v2.0/security-groups', { name: 'default' })
  const rule = security_groups[0]!.security_group_rules.find(({ protocol }) => protocol === 'icmp')!
  await network.delete(`/v2.0/security-group-rules/${rule.id}`)
  await lab.settled()
  note(
    'security group rule added -> effective',
    await answered(lab, 'outside', address, () => allow(lab, { protocol: 'icmp' })),
  )

  await network.delete(`/v2.0/floatingips/${fip.id}`)
  for (const instance of [i1, i2]) await deleteInstance(lab, instance.id)
  await network.put(`/v2.0/routers/${router}`, { router: { external_gateway_info: null } })
  for (const { subnetId } of [net1, net2])
    await network.put(`/v2.0/routers/${router}/remove_router_interface`, { subnet_id: subnetId })
  await network.delete(`/v2.0/routers/${router}`)
  for (const { id } of [net1, net2]) await lab.admin.network.delete(`/v2.0/networks/${id}`)
  await lab.settled()
}

/** Milliseconds from `call` to the first echo reply at `from`. */
async function answered(
  lab: TestLab,
  from: Instance | 'outside',
  address: string,
  call: () => Promise<unknown>,
): Promise<number> {
  // bounded by its count: with a deadline (-w) ping ends at the first error that a router reports
  const ping = ['stdbuf', '-oL', 'ping', '-n', '-i', '0.01', '-c', '300', '-W', '1', address]
  const { inInstance } = await import('../src/lab/instance.js')
  const argv =
    from === 'outside' ? inNode(lab.state.inits.outside!, ping) : await inInstance(lab.state, lab.admin, from.id, ping)
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const first = new Promise<number>((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        if (String(chunk).includes('bytes from')) resolve(performance.now())
      })
      child.once('exit', () => reject(new Error(`no answer from ${address} within 3 s`)))
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const started = performance.now()
    await call()
    return (await first) - started
  } finally {
    child.kill('SIGKILL')
  }
}
