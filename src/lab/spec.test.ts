import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DEFAULT_PORTS, labSpec, managementIp, rackOf, racksOf, tunnelIp } from './spec.js'

it("numbers network and compute nodes from the guide's addresses on", () => {
  const addresses = labSpec('lab', 2, DEFAULT_PORTS, { networks: 2 }).nodes.map((node) => [
    node.name,
    managementIp(node),
    tunnelIp(node),
  ])
  assert.deepEqual(addresses, [
    ['controller', '10.0.0.11', null],
    ['network1', '10.0.0.21', '10.0.1.21'],
    ['network2', '10.0.0.22', '10.0.1.22'],
    ['compute1', '10.0.0.31', '10.0.1.31'],
    ['compute2', '10.0.0.32', '10.0.1.32'],
    ['outside', '10.0.0.1', null],
  ])
})

it('puts network and compute nodes into racks in turn, between which the outside world routes', () => {
  const lab = labSpec('lab', 3, DEFAULT_PORTS, { networks: 2, racks: 2 })
  const racks = lab.nodes.map((node) => `${node.name} ${rackOf(node)}`)
  assert.deepEqual(racks, [
    'controller null',
    'network1 rack1',
    'network2 rack2',
    'compute1 rack1',
    'compute2 rack2',
    'compute3 rack1',
    'outside null',
  ])
  assert.deepEqual(racksOf(lab), ['rack1', 'rack2'])
  const routed = lab.nodes.at(-1)!.nics.filter(({ wire }) => wire.startsWith('rack'))
  assert.deepEqual(
    routed.map(({ wire, address, vlan }) => [wire, address, vlan]),
    [
      ['rack1', '198.18.1.1/24', 401],
      ['rack2', '198.18.2.1/24', 402],
    ],
  )
  assert.deepEqual(racksOf(labSpec('lab', 2, DEFAULT_PORTS)), [])
})
