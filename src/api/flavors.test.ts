import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const DRIVERS = 'neutron.services.l3_router.service_providers'

test('a router of a flavor is made as the profile behind the flavor says', async () => {
  const cloud = await TestCloud.scenario()
  const app = new ServiceApp(cloud.services)
  const { ask } = app
  const profile = (service_profile: object) => ask('POST', 'service_profiles', ADMIN, { service_profile })
  const flavor = (headers: Record<string, string>, attributes: object) =>
    ask('POST', 'flavors', headers, { flavor: { name: 'f', service_type: 'L3_ROUTER_NAT', ...attributes } })

  assert.deepEqual(fault(await profile({})), [400, 'ServiceProfileEmpty'])
  assert.deepEqual(fault(await profile({ driver: 'my.Driver' })), [404, 'ServiceProfileDriverNotFound'])
  const { id: profileId } = (await profile({ driver: `${DRIVERS}.single_node.SingleNodeDriver` })).body.service_profile
  assert.equal((await flavor(OWNER, {})).status, 403)
  assert.deepEqual(fault(await flavor(ADMIN, { service_type: 'VPN' })), [400, 'InvalidFlavorServiceType'])
  const other = (await flavor(ADMIN, { service_type: 'FLAVORS' })).body.flavor
  assert.equal((await ask('DELETE', `flavors/${other.id}`, ADMIN)).status, 204)
  const { id } = (await flavor(ADMIN, { name: 'central' })).body.flavor

  const router = (attributes: object = {}) =>
    ask('POST', 'routers', OWNER, { router: { name: 'r', flavor_id: id, ...attributes } })
  assert.match((await router()).body.NeutronError.message, /has no enabled service profile with a driver/)
  const link = { service_profile: { id: profileId } }
  assert.equal((await ask('POST', `flavors/${id}/service_profiles`, OWNER, link)).status, 403)
  assert.equal((await ask('POST', `flavors/${id}/service_profiles`, ADMIN, link)).status, 201)
  const again = await ask('POST', `flavors/${id}/service_profiles`, ADMIN, link)
  assert.deepEqual(fault(again), [409, 'FlavorServiceProfileBindingExists'])
  assert.deepEqual(fault(await ask('DELETE', `service_profiles/${profileId}`, ADMIN)), [409, 'ServiceProfileInUse'])

  // the configuration makes distributed ones
  const made = (await router()).body.router
  assert.equal(made.flavor_id, id)
  const seen = (await ask('GET', `routers?flavor_id=${id}`, ADMIN)).body.routers
  assert.deepEqual(
    seen.map((each: { id: string; distributed: boolean }) => [each.id, each.distributed]),
    [[made.id, false]],
  )
  const wrong = await ask('POST', 'routers', ADMIN, { router: { name: 'r', flavor_id: id, distributed: true } })
  assert.deepEqual(fault(wrong), [400, 'InvalidInput'])
  assert.deepEqual(fault(await router({ flavor_id: made.id })), [404, 'FlavorNotFound'])
  assert.deepEqual(fault(await ask('DELETE', `flavors/${id}`, ADMIN)), [409, 'FlavorInUse'])
  const listed = (await ask('GET', 'flavors', OWNER)).body.flavors
  assert.deepEqual(listed, [
    {
      id,
      name: 'central',
      description: '',
      enabled: true,
      service_profiles: [profileId],
      service_type: 'L3_ROUTER_NAT',
    },
  ])
  await ask('PUT', `flavors/${id}`, ADMIN, { flavor: { enabled: false } })
  assert.deepEqual(fault(await router()), [503, 'FlavorDisabled'])

  await ask('DELETE', `routers/${made.id}`, ADMIN)
  assert.equal((await ask('DELETE', `flavors/${id}/service_profiles/${profileId}`, ADMIN)).status, 204)
  const gone = await ask('DELETE', `flavors/${id}/service_profiles/${profileId}`, ADMIN)
  assert.deepEqual(fault(gone), [404, 'FlavorServiceProfileBindingNotFound'])
  assert.equal((await ask('DELETE', `flavors/${id}`, ADMIN)).status, 204)
  assert.equal((await ask('DELETE', `service_profiles/${profileId}`, ADMIN)).status, 204)
  assert.equal((await ask('GET', 'service_profiles', OWNER)).body.service_profiles.length, 0)
  await app.close()
  await cloud.close()
})

test('flavors choose among all four ways in which routers are realised', async () => {
  const cloud = await TestCloud.scenario()
  const app = new ServiceApp(cloud.services)
  const make = async (path: string, body: object) => Object.values((await app.ask('POST', path, ADMIN, body)).body)[0]
  for (const [driver, distributed, ha] of [
    ['single_node.SingleNodeDriver', false, false],
    ['ha.HaDriver', false, true],
    ['dvr.DvrDriver', true, false],
    ['dvrha.DvrHaDriver', true, true],
  ] as const) {
    const { id: profileId } = (await make('service_profiles', {
      service_profile: { driver: `${DRIVERS}.${driver}` },
    })) as { id: string }
    const { id: flavor_id } = (await make('flavors', { flavor: { name: driver, service_type: 'L3_ROUTER_NAT' } })) as {
      id: string
    }
    await app.ask('POST', `flavors/${flavor_id}/service_profiles`, ADMIN, { service_profile: { id: profileId } })
    const router = (await make('routers', { router: { name: 'r', flavor_id } })) as {
      distributed: boolean
      ha: boolean
    }
    assert.deepEqual([router.distributed, router.ha], [distributed, ha])
    const other = await app.ask('POST', 'routers', ADMIN, { router: { name: 'r', flavor_id, ha: !ha } })
    assert.deepEqual(fault(other), [400, 'InvalidInput'])
  }
  await app.close()
  await cloud.close()
})
