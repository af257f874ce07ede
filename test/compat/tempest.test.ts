import { after, before, describe, it } from 'node:test'
import { expectConformance, NO_TEMPEST, TEMPEST } from '../lib/conformance.js'
import { SKIP, startLab, type TestLab } from '../lib/lab.js'

/** Debian's tempest, as it is installed, against the network API and the identity service of a lab. */
describe('tempest.api.network', { skip: SKIP || NO_TEMPEST }, () => {
  let lab: TestLab

  before(async () => {
    lab = await startLab('t-tempest', 21_000)
  })
  after(() => lab?.down())

  it('passes, and the hosts follow', () => expectConformance(lab.state, 'tempest', TEMPEST))
})
