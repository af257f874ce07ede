import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SKIP } from '../lib/lab.js'
import { administration } from './horizon/administration.js'
import { Browser } from './horizon/browser.js'
import { dashboardIsInstalled } from './horizon/dashboard.js'
import { identity } from './horizon/identity.js'
import { projectCompute } from './horizon/project-compute.js'
import { projectNetwork } from './horizon/project-network.js'
import { beginVisit, signIn, type Visit } from './horizon/visit.js'

const skip = SKIP || (dashboardIsInstalled() ? false : 'needs Debian’s openstack-dashboard')

/** Debian's Horizon, unmodified, used by an administrator and a member of a project as they use it in a browser. */
describe('Horizon', { skip }, () => {
  let visit: Visit

  before(async () => {
    visit = await beginVisit('t-horizon', 20_500)
  })
  after(() => visit?.end())

  it('refuses a wrong password, and forgets who signed out', async () => {
    const browser = new Browser(visit.dashboard)
    const refused = await browser.submit(await browser.get('/auth/login/'), { username: 'demo', password: 'wrong' })
    assert.match(refused.complaints.join(), /Invalid credentials/)
    const signedIn = await signIn(visit, 'demo')
    await signedIn.read('/project/networks/')
    await signedIn.get('/auth/logout/')
    assert.equal((await signedIn.get('/project/networks/')).url.pathname, '/auth/login/')
  })

  projectNetwork(() => visit)
  projectCompute(() => visit)
  administration(() => visit)
  identity(() => visit)

  it('goes from one project to another', async () => {
    const browser = await signIn(visit, 'admin')
    const { projectId } = await visit.lab.demo.token()
    const page = await browser.read(`/auth/switch/${projectId}/?next=/project/networks/`)
    assert.ok(page.text.includes('net2'), page.text)
  })

  it('shows every panel; nothing failed unnoticed', async () => {
    for (const browser of [visit.admin, visit.demo]) {
      const home = await browser.read('/project/')
      const panels = home.links.filter((link) => /^\/(project|admin|identity|settings)\/([\w-]+\/)?$/.test(link))
      assert.ok(panels.length > 15, panels.join())
      for (const panel of panels) await browser.read(panel)
    }
    const failures = visit.dashboard.log().match(/^(ERROR|Traceback|.*Recoverable error).*/gm) ?? []
    // the rule that was made twice
    assert.deepEqual(
      failures.filter((line) => !line.includes('already exists')),
      [],
    )
  })
})
