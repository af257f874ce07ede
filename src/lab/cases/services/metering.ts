import { qrouterNs, snatNs } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import { expectCounted } from '../../proof/meters.js'
import { allow, demoProject } from '../../proof/objects.js'
import { OUTSIDE } from '../../proof/outside.js'
import { type Place, pings, run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent, withOptions } from '../../proof/restart.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'
import { type Side, twoRouters } from './two-routers.js'

const AGENT = 'neutron-metering-agent'
const PINGS = 5
/** A ping as `ping -s 56` sends it: IP and ICMP headers included. */
const PING_BYTES = 84

/** What a label counts is what was sent, wherever it passes, and neither a change of rules nor a restart loses any of it. */
export const metering: Case = {
  name: 'metering',
  title: 'labels count each packet through floating IPs and SNAT, distributed and legacy, once; no change loses any',
  async run(run) {
    const { distributed: dvr, legacy } = await run.step('a distributed and a legacy router', async () => {
      await allow(run, { protocol: 'icmp' })
      return twoRouters(run, 'metering')
    })
    const options = { measure_interval: '1', report_interval: '1', granular_traffic_data: 'True' }
    await withOptions(run, AGENT, 'neutron/metering_agent.ini', options, () => count(run, dvr, legacy))
    await run.step('without labels nothing is left in the namespaces', async () => {
      for (const [node, namespace] of places(dvr, legacy)) {
        const rules = await runAt(run, { node }, ['ip', 'netns', 'exec', namespace, 'iptables-save'])
        expect(!rules.includes('neutron-meter'), `${namespace} on ${node} still counts`)
      }
    })
  },
}

/** Node and namespace where packets of a side's floating IP, and of its SNAT, pass. */
function places(dvr: Side, legacy: Side): [node: string, namespace: string][] {
  return [
    ['compute1', qrouterNs(dvr.routerId)],
    [dvr.central, snatNs(dvr.routerId)],
    [legacy.central, qrouterNs(legacy.routerId)],
  ]
}

async function count(run: CaseRun, dvr: Side, legacy: Side): Promise<void> {
  const all = await run.step('a label for everything', async () => {
    const id = await makeLabel(run, 'all')
    for (const direction of ['ingress', 'egress'])
      await addRule(run, id, { direction, remote_ip_prefix: '192.168.0.0/16' })
    await settled(run.admin)
    return id
  })
  const sent = { floating: 0, snat: 0, legacy: 0 }
  const expectAll = async () => {
    const { routerId } = dvr
    const bytes = await expectCounted(run, all, { host: 'compute1', routerId }, sent.floating)
    expect(bytes === sent.floating * PING_BYTES, `${bytes} bytes in ${sent.floating} packets`)
    await expectCounted(run, all, { host: dvr.central, routerId }, sent.snat)
    await expectCounted(run, all, { host: legacy.central, routerId: legacy.routerId }, sent.legacy)
  }
  const pingAll = async () => {
    sent.floating += await exchange(run, OUTSIDE, dvr.floatingIp.ip)
    sent.snat += await exchange(run, { instance: dvr.plain.id }, OPENSTACK_ORG)
    sent.legacy += await exchange(run, OUTSIDE, legacy.floatingIp.ip)
    sent.legacy += await exchange(run, { instance: legacy.plain.id }, OPENSTACK_ORG)
  }
  await run.step('each ping and each answer is counted where it passes', async () => {
    await pingAll()
    await expectAll()
    run.measured('packets sent and counted', sent.floating + sent.snat + sent.legacy)
  })
  await run.step('a second label counts from a source to a destination, the first goes on', async () => {
    const second = await makeLabel(run, 'second')
    const pair = { source_ip_prefix: '192.168.1.0/24', destination_ip_prefix: OPENSTACK_ORG }
    await addRule(run, second, { direction: 'egress', ...pair })
    await settled(run.admin)
    await pingAll()
    await expectAll()
    await expectCounted(run, second, { host: dvr.central, routerId: dvr.routerId }, PINGS)
    await run.admin.network.delete(`/v2.0/metering/metering-labels/${second}`)
  })
  await run.step('what is excluded is not counted, what was counted stays', async () => {
    const rule = { remote_ip_prefix: dvr.floating.ip, excluded: true }
    const ids = [await addRule(run, all, rule), await addRule(run, all, { ...rule, direction: 'egress' })]
    await settled(run.admin)
    await exchange(run, OUTSIDE, dvr.floatingIp.ip)
    await Promise.all(ids.map((id) => run.admin.network.delete(`/v2.0/metering/metering-label-rules/${id}`)))
    await settled(run.admin)
    await pingAll()
    await expectAll()
  })
  await run.step('what passes while the agent is dead is counted too', async () => {
    const hosts = [...new Set(['compute1', dvr.central, legacy.central])]
    for (const host of hosts) await killDaemon(run.state, host, AGENT)
    await pingAll()
    for (const host of hosts) await startAgent(run.state, host, AGENT)
    await pingAll()
    await expectAll()
  })
  await run.admin.network.delete(`/v2.0/metering/metering-labels/${all}`)
  await settled(run.admin)
}

/** Pings that are all answered; resolves to the packets of both directions. */
async function exchange(run: CaseRun, from: Place, to: string): Promise<number> {
  const { received } = await pings(run, from, to, PINGS)
  expect(received === PINGS, `${received} of ${PINGS} pings to ${to} were answered`)
  return 2 * PINGS
}

async function makeLabel(run: CaseRun, name: string): Promise<string> {
  const body = { metering_label: { name, project_id: await demoProject(run) } }
  const made = await run.admin.network.post<{ metering_label: { id: string } }>('/v2.0/metering/metering-labels', body)
  return made.metering_label.id
}

async function addRule(run: CaseRun, labelId: string, rule: Record<string, unknown>): Promise<string> {
  const body = { metering_label_rule: { metering_label_id: labelId, ...rule } }
  const path = '/v2.0/metering/metering-label-rules'
  return (await run.admin.network.post<{ metering_label_rule: { id: string } }>(path, body)).metering_label_rule.id
}
