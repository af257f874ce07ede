import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ApiError } from '../../src/client/errors.js'
import { runCommand } from '../../src/dataplane/command/host.js'
import {
  associateFloatingIp,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../src/lab/proof/objects.js'
import { create, list } from '../lib/cloud.js'
import { built, CLI, SKIP, startLab, type TestLab } from '../lib/lab.js'

type Call = () => Promise<unknown>

/** What a client is told: Neutron's exception class, HTTP status, message. */
describe('bad input', { skip: SKIP }, () => {
  let lab: TestLab
  let ext: string
  let net1: Network
  let net2: Network
  let router: string

  before(async () => {
    lab = await startLab('t-bad', 16_000)
    ext = (await makeExternal(lab, 'flat', 'ext-net')).id
    net1 = await makeNetwork(lab, 'net1', '192.168.1.0/24')
    net2 = await makeNetwork(lab, 'net2', '192.168.1.128/25')
    router = (await makeRouter(lab, 'router', { subnets: [net1.subnetId], external: ext })).id
    await lab.settled()
  })
  after(() => lab?.down())

  /** Expects an API error, and that nothing at all was written. */
  async function refused(call: Call, status: number, type: string, message: RegExp): Promise<void> {
    // what agents still had to report is not of this call
    await lab.settled()
    const before = await everything()
    const error = await call().then(
      () => null,
      (failed: unknown) => failed,
    )
    assert.ok(
      error instanceof ApiError || (error as Error | null)?.constructor.name === 'ApiError',
      `expected ${type}, got ${String(error)}`,
    )
    const { status: gotStatus, type: gotType, message: gotMessage } = error as ApiError
    assert.deepEqual([gotStatus, gotType], [status, type], gotMessage)
    assert.match(gotMessage, message)
    assert.deepEqual(await everything(), before, 'something half-done was left behind')
  }

  const everything = async () =>
    Promise.all(
      ['networks', 'subnets', 'ports', 'routers', 'floatingips', 'security-groups'].map((collection) =>
        list(lab, collection),
      ),
    )
  const network = () => lab.demo.network

  it('overlapping subnets on one router', () =>
    refused(
      () => network().put(`/v2.0/routers/${router}/add_router_interface`, { subnet_id: net2.subnetId }),
      400,
      'BadRequest',
      /overlaps with cidr/i,
    ))

  it('a malformed address', () =>
    refused(
      () => create(lab, 'subnets', { network_id: net1.id, ip_version: 4, cidr: '192.168.300.0/24' }),
      400,
      'HTTPBadRequest',
      /Invalid input for cidr/,
    ))

  it('an unknown attribute', () =>
    refused(
      () => create(lab, 'networks', { colour: 'red' }),
      400,
      'HTTPBadRequest',
      /Unrecognized attribute\(s\) 'colour'/,
    ))

  it('an address outside the subnet', () =>
    refused(
      () =>
        create(lab, 'ports', {
          network_id: net1.id,
          fixed_ips: [{ subnet_id: net1.subnetId, ip_address: '10.9.9.9' }],
        }),
      400,
      'InvalidIpForSubnet',
      /not a valid IP/,
    ))

  it('an address that is taken', () =>
    refused(
      () => create(lab, 'ports', { network_id: net1.id, fixed_ips: [{ ip_address: '192.168.1.1' }] }),
      409,
      'IpAddressInUse',
      /is in use/,
    ))

  it('a network in use', () =>
    refused(
      () => network().delete(`/v2.0/networks/${net1.id}`),
      409,
      'NetworkInUse',
      /There are one or more ports still in use on the network/,
    ))

  it('a subnet in use', () =>
    refused(
      () => network().delete(`/v2.0/subnets/${net1.subnetId}`),
      409,
      'SubnetInUse',
      /One or more ports have an IP allocation/,
    ))

  it('a router in use', () =>
    refused(() => network().delete(`/v2.0/routers/${router}`), 409, 'RouterInUse', /still has ports/))

  it('a router port deleted as a port', async () => {
    const [port] = await list<{ id: string }>(lab, 'ports', { device_id: router })
    await refused(
      () => lab.admin.network.delete(`/v2.0/ports/${port!.id}`),
      409,
      'ServicePortInUse',
      /cannot be deleted directly via the port API/,
    )
  })

  it('an exhausted pool', async () => {
    const small = await makeNetwork(lab, 'small', '10.5.0.0/29')
    // five addresses, one of them the DHCP server's
    for (let i = 0; i < 4; i++) await create(lab, 'ports', { network_id: small.id })
    await refused(
      () => create(lab, 'ports', { network_id: small.id }),
      409,
      'IpAddressGenerationFailure',
      /No more IP addresses available/,
    )
  })

  it('a floating IP for a port that no router reaches', async () => {
    const lonely = await makeNetwork(lab, 'lonely', '10.6.0.0/24')
    const { id } = await create(lab, 'ports', { network_id: lonely.id })
    await refused(
      () => associateFloatingIp(lab, ext, id),
      404,
      'ExternalGatewayForFloatingIPNotFound',
      /External network .* is not reachable from subnet/,
    )
  })

  it('provider attributes from a user who is no admin', () =>
    refused(
      () => create(lab, 'networks', { 'provider:network_type': 'vxlan' }),
      403,
      'PolicyNotAuthorized',
      /disallowed by policy/,
    ))

  it('another project’s objects do not exist', async () => {
    const { id } = await create(lab, 'networks', { name: 'admins' }, 'admin')
    await refused(() => network().get(`/v2.0/networks/${id}`), 404, 'NetworkNotFound', /could not be found/)
    await refused(() => network().delete(`/v2.0/networks/${id}`), 404, 'NetworkNotFound', /could not be found/)
    await refused(
      () => create(lab, 'subnets', { network_id: id, ip_version: 4, cidr: '10.1.0.0/24' }),
      404,
      'NetworkNotFound',
      /could not be found/,
    )
  })

  it('a wrong token', async () => {
    const reply = await fetch(`http://127.0.0.1:${lab.state.spec.ports.network}/v2.0/networks`, {
      headers: { 'x-auth-token': 'wrong' },
    })
    assert.equal(reply.status, 401)
    assert.match(reply.headers.get('www-authenticate') ?? '', /^Keystone uri=/)
  })

  it('the commands say what is wrong and end with 1 or 2', async () => {
    const { userEnvironment } = await built<typeof import('../../src/lab/session.js')>('lab/session.js')
    const env = userEnvironment(lab.state, 'demo')
    const neutron = async (...args: string[]) => {
      const { stderr, code } = await runCommand([process.execPath, CLI('neutron'), ...args], {
        env,
        okCodes: [0, 1, 2],
      })
      return { stderr: stderr.trim(), code }
    }
    assert.deepEqual(await neutron('net-show', 'nothing'), {
      stderr: "Unable to find network with name 'nothing'",
      code: 1,
    })
    assert.equal((await neutron('subnet-create')).code, 2)
    assert.match((await neutron('subnet-create', 'net1', '192.168.300.0/24')).stderr, /Invalid input for cidr/)
    assert.match((await neutron('router-delete', 'router')).stderr, /still has ports/)
  })
})
