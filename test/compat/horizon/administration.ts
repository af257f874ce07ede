import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Browser } from './browser.js'
import { named, rowWith, type Visit } from './visit.js'

const NETWORKS = '/admin/networks/'
const ROUTERS = '/admin/routers/'
const POLICIES = '/admin/rbac_policies/'

/** The panels of administrators: provider networks, kinds of routers, sharing, quality of service, agents, limits. */
export function administration(visit: () => Visit): void {
  const project = async (name: string) => {
    const { projects } = await visit().lab.admin.identity.get<{ projects: { id: string }[] }>('/v3/projects', { name })
    return projects[0]!.id
  }

  it('makes a provider network, puts it on a DHCP agent, shares it', async () => {
    const { admin, lab } = visit()
    const provider = { network_type: 'vlan', physical_network: 'external', segmentation_id: 500 }
    const subnet = { subnet_name: 'vlan500-v4', cidr: '10.5.0.0/24', no_gateway: true }
    const made = { name: 'vlan500', tenant_id: await project('demo'), ...provider, ...subnet }
    await admin.fill(`${NETWORKS}create/`, made)
    const network = await named(visit(), 'networks', 'vlan500')
    assert.equal(network['provider:segmentation_id'], 500)
    await admin.fill(`${NETWORKS}${network.id}/update`, { name: 'vlan500', shared: true, external: null })
    assert.equal((await named(visit(), 'networks', 'vlan500')).shared, true)
    const form = await admin.read(`${NETWORKS}${network.id}/agents/add`)
    await admin.fill(form, { agent: form.choice('agent', /^network1$/) })
    const agents = await admin.read(`${NETWORKS}${network.id}/detail?tab=network_tabs__agents_tab`)
    await admin.press(agents, `agents__delete__${rowWith(agents, 'network1')}`)
    for (const tab of ['overview', 'subnets_tab', 'ports_tab'])
      await admin.read(`${NETWORKS}${network.id}/detail?tab=network_tabs__${tab}`)
    await admin.press(NETWORKS, `networks__delete__${network.id}`)
    assert.deepEqual(await lab.admin.network.list('networks', { name: 'vlan500' }), [])
  })

  it('makes routers of each kind', async () => {
    const { admin, lab } = visit()
    for (const [mode, ha] of [
      ['centralized', 'disabled'],
      ['centralized', 'enabled'],
      ['distributed', 'disabled'],
    ]) {
      const name = `${mode}-${ha}`
      await admin.fill(`${ROUTERS}create/`, { name, tenant_id: await project('demo'), mode: mode!, ha: ha! })
      const router = await named(visit(), 'routers', name)
      assert.deepEqual([router.distributed, router.ha], [mode === 'distributed', ha === 'enabled'])
      await admin.read(`${ROUTERS}${router.id}/`)
    }
    const { id } = await named(visit(), 'routers', 'centralized-disabled')
    await admin.fill(`${ROUTERS}${id}/update`, { name: 'now-distributed', admin_state: null, mode: 'distributed' })
    assert.equal((await named(visit(), 'routers', 'now-distributed')).distributed, true)
    const others = (await lab.admin.network.list('routers')).filter(({ name }) => name !== 'edge')
    const ids = others.map(({ id: other }) => other)
    await admin.press(ROUTERS, 'routers__delete', ...ids)
    assert.deepEqual(
      (await lab.admin.network.list('routers')).map(({ name }) => name),
      ['edge'],
    )
  })

  it('shares by policy, and takes that back', async () => {
    const { admin, lab } = visit()
    const network = await named(visit(), 'networks', 'ext-net')
    await admin.fill(`${POLICIES}create/`, {
      ...{ target_tenant: await project('demo'), action_object_type: 'shared_network', network_id: network.id },
    })
    const action = 'access_as_shared'
    const policies = () => lab.admin.network.list('rbac-policies', { object_id: network.id, action })
    const [policy] = await policies()
    assert.ok(policy)
    await admin.read(`${POLICIES}${policy.id}/`)
    await admin.press(POLICIES, `rbac policies__delete__${policy.id}`)
    assert.deepEqual(await policies(), [])
  })

  it('makes a QoS policy with rules, as the panel’s scripts do', async () => {
    const { admin, demo } = visit()
    await admin.read('/project/network_qos/')
    const policy = { name: 'gold', description: 'fast', shared: true }
    const { id } = await admin.script<{ id: string }>('POST', '/api/neutron/qos_policies/', policy)
    const rules = `/api/neutron/qos/policies/${id}`
    const limit = { max_kbps: 1000, max_burst_kbps: 100, direction: 'egress' }
    const made = await admin.script<{ id: string }>('POST', `${rules}/bandwidth_limit_rules/`, limit)
    await admin.script('POST', `${rules}/dscp_marking_rules/`, { dscp_mark: 26 })
    const change = { max_kbps: 2000, max_burst_kbps: 200, direction: 'egress' }
    await admin.script('PATCH', `${rules}/bandwidth_limit_rules/${made.id}`, change)
    interface Shown {
      readonly rules: { readonly type: string; readonly max_kbps?: number }[]
    }
    const shown = await admin.script<Shown>('GET', `/api/neutron/qos_policies/${id}/`)
    assert.deepEqual(shown.rules.map((rule) => rule.max_kbps ?? rule.type).sort(), [2000, 'dscp_marking'])
    // its list asks for those of the project one is in: of the owner's, not of those that it is shared with
    const listed = async (person: Browser) =>
      (await person.script<{ items: { name: string }[] }>('GET', '/api/neutron/qos_policies/')).items
    assert.deepEqual(
      (await listed(admin)).map(({ name }) => name),
      ['gold'],
    )
    assert.deepEqual(await listed(demo), [])
    assert.equal((await demo.script<{ name: string }>('GET', `/api/neutron/qos_policies/${id}/`)).name, 'gold')
    await admin.script('DELETE', `${rules}/bandwidth_limit_rules/${made.id}`)
    await admin.script('DELETE', `/api/neutron/qos_policies/${id}/`)
  })

  it('gives a chosen address to a project', async () => {
    const { admin, external, lab } = visit()
    const floating_ip_address = '203.0.113.150'
    const path = '/admin/floating_ips/'
    const form = await admin.read(`${path}allocate/`)
    const pool = form.choice('pool', /ext-net/)
    const page = await admin.fill(form, { pool, tenant: await project('demo'), floating_ip_address })
    const id = rowWith(page, floating_ip_address)
    assert.equal((await lab.demo.network.show('floatingips', id)).floating_network_id, external.id)
    await admin.read(`${path}${id}/detail/`)
    await admin.press(path, `floating_ips__release__${id}`)
  })

  it('shows agents, services and hosts, and turns a host off and on', async () => {
    const { admin } = visit()
    const agents = await admin.read('/admin/info/?tab=system_info__network_agents')
    for (const name of ['L3 agent', 'DHCP agent', 'Open vSwitch agent', 'Metadata agent'])
      assert.ok(agents.text.includes(name), name)
    const hosts = '/admin/hypervisors/'
    await admin.read(`${hosts}${rowWith(await admin.read(hosts), 'compute1')}/`)
    await admin.fill(`${hosts}compute1/disable_service`, { reason: 'repair' })
    assert.match((await admin.read(hosts)).text, /repair|Disabled/)
    await admin.press(`${hosts}?tab=hypervisor_info__compute_host`, 'compute_host__enable__compute1')
  })

  it('sets limits of a project', async () => {
    const { admin, lab } = visit()
    const id = await project('demo')
    await admin.fill(`/identity/${id}/update_quotas/`, { instances: 7, router: 11, floatingip: 51 })
    const { quota } = await lab.admin.network.get<{ quota: Record<string, number> }>(`/v2.0/quotas/${id}`)
    assert.deepEqual([quota.router, quota.floatingip, quota.network], [11, 51, 100])
    const { quota_set } = await lab.admin.compute.get<{ quota_set: { instances: number } }>(`/os-quota-sets/${id}`)
    assert.equal(quota_set.instances, 7)
    await admin.fill('/admin/defaults/update_defaults', { key_pairs: 99 })
    assert.match((await admin.read('/admin/defaults/')).text, /Key Pairs 99/)
  })
}
