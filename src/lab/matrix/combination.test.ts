import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMBINATIONS, chosen, titleOf } from './combination.js'

describe('combinations of the matrix', () => {
  it('are all three types of project network, both external ones, both routers', () => {
    assert.equal(new Set(COMBINATIONS.map(titleOf)).size, 12)
    assert.deepEqual(chosen(undefined), COMBINATIONS)
  })

  it('can be chosen by parts', () => {
    assert.deepEqual(chosen('vxlan,flat,dvr').map(titleOf), ['vxlan,flat,dvr'])
    assert.deepEqual(chosen('gre, vlan').map(titleOf), ['gre,vlan,dvr', 'gre,vlan,legacy'])
    assert.equal(chosen('*,*,legacy').length, 6)
  })

  it('refuse what names none', () => {
    assert.throws(() => chosen('geneve'), /names no combination: vxlan\|gre\|vlan,flat\|vlan,dvr\|legacy/)
    assert.throws(() => chosen('vxlan,flat,dvr,more'), /names no combination/)
  })
})
