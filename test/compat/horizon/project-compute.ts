import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../../../src/lab/proof/until.js'
import { named, rowWith, type Visit } from './visit.js'

const INSTANCES = '/project/instances/'
const ADDRESSES = '/project/floating_ips/'

interface Server {
  readonly id: string
  readonly status: string
  readonly name: string
}

interface Moving {
  readonly status: string
  readonly 'OS-EXT-SRV-ATTR:host': string
}

/** Instances on `net`, their floating addresses, and the pages that show both. */
export function projectCompute(visit: () => Visit): void {
  it('launches an instance as the assistant does, and shows all of it', async () => {
    const { demo } = visit()
    const { id } = await launch('vm1')
    assert.match((await demo.read(INSTANCES)).rows.get(id) ?? '', /10\.2\.0\./)
    await demo.read(`${INSTANCES}?action=row_update&table=instances&obj_id=${id}`)
    for (const tab of ['overview', 'interfaces', 'log', 'audit'])
      await demo.read(`${INSTANCES}${id}/?tab=instance_details__${tab}`)
    const group = await named(visit(), 'security-groups', 'web')
    await demo.fill(`${INSTANCES}${id}/update?step=update_security_groups`, {
      update_security_groups_role_member: [group.id],
    })
    const [port] = await visit().lab.demo.network.list('ports', { device_id: id })
    assert.deepEqual(port?.security_groups, [group.id])
    assert.match((await demo.read('/project/')).text, /vm1/)
  })

  /** What the pages' scripts ask and send between "Launch instance" and an instance that runs. */
  async function launch(name: string): Promise<Server> {
    const { demo } = visit()
    const list = async <T>(path: string) => (await demo.script<{ items: T[] }>('GET', `/api/${path}/`)).items
    const [image] = await list<{ id: string }>('glance/images')
    const flavors = await list<{ id: string; name: string }>('nova/flavors')
    const network = (await list<{ id: string; name: string }>('neutron/networks')).find((one) => one.name === 'net')
    await demo.script('POST', '/api/nova/keypairs/', { name, key_type: 'ssh' })
    const server = await demo.script<Server>('POST', '/api/nova/servers/', {
      name,
      source_id: image?.id,
      flavor_id: flavors.find((one) => one.name === 'm1.tiny')?.id,
      key_name: name,
      user_data: '#!/bin/sh',
      security_groups: [(await list<{ id: string; name: string }>('network/securitygroups'))[0]?.id],
      nics: [{ 'net-id': network?.id, 'v4-fixed-ip': '' }],
      availability_zone: 'nova',
      instance_count: 1,
      config_drive: false,
      meta: {},
      scheduler_hints: {},
    })
    return until(`${name} to run`, async () => {
      const now = await demo.script<Server>('GET', `/api/nova/servers/${server.id}`)
      assert.notEqual(now.status, 'ERROR')
      return now.status === 'ACTIVE' && now
    })
  }

  it('allocates, associates, takes away and releases floating addresses', async () => {
    const { demo, external, lab } = visit()
    const page = await demo.fill(`${ADDRESSES}allocate/`, { pool: external.id, description: 'for vm1' })
    const id = rowWith(page, 'for vm1')
    const shown = async () => (await lab.demo.network.list('floatingips', { id }))[0]
    const [port] = await lab.demo.network.list('ports', { name: '', device_owner: 'compute:nova' })
    const form = await demo.read(`${ADDRESSES}associate/?ip_id=${id}`)
    await demo.fill(form, { ip_id: id, port_id: form.choice('port_id', /vm1: 10\.2\.0\./) })
    assert.equal((await shown())?.port_id, port?.id)
    const address = (await shown())!.floating_ip_address
    assert.match((await demo.read(INSTANCES)).text, new RegExp(address))
    await demo.press(ADDRESSES, `floating_ips__disassociate__${id}`)
    assert.equal((await shown())?.port_id, null)
    await demo.press(ADDRESSES, `floating_ips__release__${id}`)
    assert.equal(await shown(), undefined)
  })

  it('draws the topology of networks, routers and instances', async () => {
    const { demo } = visit()
    const page = '/project/network_topology/'
    await demo.read(page)
    interface Named {
      readonly id: string
      readonly name: string
    }
    const drawn = await demo.script<Record<'networks' | 'routers' | 'servers' | 'ports', Named[]>>('GET', `${page}json`)
    const names = (key: keyof typeof drawn) => drawn[key].map(({ name }) => name)
    for (const name of ['ext-net', 'net', 'net2']) assert.ok(names('networks').includes(name), name)
    assert.deepEqual([names('routers'), names('servers')], [['edge'], ['vm1']])
    const router = await named(visit(), 'routers', 'edge')
    const network = await named(visit(), 'networks', 'net')
    for (const path of [
      `router/${router.id}/`,
      `network/${network.id}/`,
      'router',
      'network',
      `instance?id=${drawn.servers[0]?.id}`,
    ])
      await demo.read(`${page}${path}`)
  })

  it('attaches and detaches an interface; an administrator moves the instance', async () => {
    const { admin, demo, lab } = visit()
    const id = rowWith(await demo.read(INSTANCES), 'vm1')
    const { id: network_id } = await named(visit(), 'networks', 'net2')
    const ports = () => lab.demo.network.list('ports', { device_id: id, network_id })
    await demo.fill(`${INSTANCES}${id}/attach_interface`, { specification_method: 'network', network: network_id })
    const [port] = await ports()
    assert.ok(port)
    await demo.fill(`${INSTANCES}${id}/detach_interface`, { port: port.id })
    await until('the port to go', async () => (await ports()).length === 0)
    const shown = async () => (await lab.admin.compute.get<{ server: Moving }>(`/servers/${id}`)).server
    const form = await admin.read(`/admin/instances/${id}/live_migrate`)
    await admin.fill(form, { host: form.choice('host', /^compute/) })
    const from = form.form('current_host').values.get('current_host')
    const moved = ({ status, 'OS-EXT-SRV-ATTR:host': host }: Moving) => status === 'ACTIVE' && host !== from
    await until('vm1 to have moved', async () => moved(await shown()))
    await admin.read(`/admin/instances/${id}/detail`)
  })

  it('stops, starts, restarts and deletes an instance', async () => {
    const { demo, lab } = visit()
    const id = rowWith(await demo.read(INSTANCES), 'vm1')
    const becomes = (status: string) =>
      until(`vm1 to be ${status}`, async () => {
        const { server } = await lab.demo.compute.get<{ server: Server }>(`/servers/${id}`)
        return server.status === status
      })
    await demo.press(INSTANCES, `instances__stop__${id}`)
    await becomes('SHUTOFF')
    await demo.press(INSTANCES, `instances__start__${id}`)
    await becomes('ACTIVE')
    await demo.press(INSTANCES, `instances__soft_reboot__${id}`)
    await becomes('ACTIVE')
    await demo.press(INSTANCES, `instances__delete__${id}`)
    await until('vm1 to be gone', async () => !(await demo.read(INSTANCES)).text.includes('vm1'))
    await demo.script('DELETE', '/api/nova/keypairs/vm1')
  })

  it('hands out credentials for other clients', async () => {
    const { demo } = visit()
    await demo.read('/project/api_access/')
    await demo.read('/project/api_access/view_credentials/')
    const rc = await demo.get('/project/api_access/openrc/')
    assert.match(rc.html, /export OS_PROJECT_NAME="demo"/)
    const yaml = await demo.get('/project/api_access/clouds.yaml/')
    assert.match(yaml.html, /project_name: "demo"/)
  })
}
