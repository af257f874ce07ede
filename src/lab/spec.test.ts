import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DEFAULT_PORTS, labSpec, managementIp, tunnelIp } from './spec.js'

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
