import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { registerL3 } from '../core/l3/register.js'
import { TestCloud } from '../core/testing/cloud.js'
import { buildApp } from './app.js'
import { noAuth } from './auth/noauth.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const NETWORK = 'f0f89a8e-402b-483d-8475-545207a39cb2'

/** Attributes of extensions that are not there: refused, and not taken in to be ignored. */
const ATTRIBUTES: Readonly<
  Record<string, { readonly path: string; readonly body: object; readonly unknown: readonly string[] }>
> = {
  network: { path: 'networks', body: {}, unknown: ['vlan_transparent', 'qinq'] },
  subnet: {
    path: 'subnets',
    body: { network_id: NETWORK, ip_version: 4, cidr: '192.168.1.0/24' },
    unknown: ['dns_publish_fixed_ip'],
  },
  port: {
    path: 'ports',
    body: { network_id: NETWORK },
    unknown: ['hints', 'data_plane_status', 'hardware_offload_type', 'mac_learning_enabled'],
  },
  router: {
    path: 'routers',
    body: {},
    unknown: ['external_gateways', 'enable_default_route_bfd', 'enable_default_route_ecmp', 'service_type_id'],
  },
}

/** Attributes that replies show, as clients expect them to, but that nobody can set. */
const SHOWN_ONLY: readonly (readonly [name: keyof typeof ATTRIBUTES, attribute: string])[] = [
  ['network', 'l2_adjacency'],
  ['port', 'resource_request'],
]

const COLLECTIONS = ['bgp-speakers', 'fwaas/firewall_groups', 'lbaas/loadbalancers', 'vpn/vpnservices'] as const

describe('what is not supported', () => {
  let cloud: TestCloud
  let app: ReturnType<typeof buildApp>
  before(async () => {
    cloud = await TestCloud.open('', [registerL3])
    const { services } = cloud.built
    app = buildApp({
      services,
      auth: noAuth(),
      log: pino({ level: 'silent' }),
      revisions: null,
      paginationMaxLimit: null,
    })
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  async function ask(method: string, path: string, body?: unknown): Promise<string> {
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
    const reply = await app.inject({ method, url: `/v2.0/${path}`, headers: ADMIN, ...payload } as InjectOptions)
    const { type, message } = reply.json().NeutronError ?? {}
    return `${reply.statusCode} ${type}: ${message}`
  }

  for (const [name, { path, body, unknown }] of Object.entries(ATTRIBUTES)) {
    it(`attributes of a ${name} that are not known`, async () => {
      for (const attribute of unknown) {
        const answer = await ask('POST', path, { [name]: { ...body, [attribute]: null } })
        assert.equal(answer, `400 HTTPBadRequest: Unrecognized attribute(s) '${attribute}'`)
      }
    })
  }

  it('attributes that are only shown', async () => {
    for (const [name, attribute] of SHOWN_ONLY) {
      const { path, body } = ATTRIBUTES[name]!
      const answer = await ask('POST', path, { [name]: { ...body, [attribute]: null } })
      assert.equal(answer, `400 HTTPBadRequest: Attribute '${attribute}' not allowed in POST`)
    }
  })

  it('collections and actions of other extensions', async () => {
    const none = '404 HTTPNotFound: The resource could not be found.'
    for (const path of COLLECTIONS) assert.equal(await ask('GET', path), none, path)
    const { id } = await cloud.create('routers', {})
    for (const action of ['add_external_gateways', 'update_external_gateways', 'remove_external_gateways'])
      assert.equal(await ask('PUT', `routers/${id}/${action}`, { router: {} }), none, action)
  })

  it('network types whose driver is not loaded', async () => {
    for (const type of ['geneve', 'local', 'stt']) {
      const answer = await ask('POST', 'networks', { network: { 'provider:network_type': type } })
      assert.equal(answer, `400 InvalidInput: Invalid input for operation: network_type value '${type}' not supported.`)
    }
  })

  it('none of it is announced', async () => {
    const reply = await app.inject({ method: 'GET', url: '/v2.0/extensions', headers: ADMIN })
    const aliases = (reply.json().extensions as { alias: string }[]).map(({ alias }) => alias)
    const absent = [
      ...['vlan-transparent', 'qinq'],
      ...['external-gateway-multihoming', 'data-plane-status', 'port-hardware-offload-type'],
    ]
    assert.deepEqual(
      absent.filter((alias) => aliases.includes(alias)),
      [],
    )
  })
})
