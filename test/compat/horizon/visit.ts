import assert from 'node:assert/strict'
import type { NetworkCollections } from '../../../src/client/network-types.js'
import { makeExternal, type Network } from '../../../src/lab/proof/objects.js'
import { userEnvironment } from '../../../src/lab/session.js'
import { startLab, type TestLab } from '../../lib/lab.js'
import { Browser, type Page } from './browser.js'
import { type Dashboard, startDashboard } from './dashboard.js'

/** A lab, its dashboard, and two people who have signed in there. */
export interface Visit {
  readonly lab: TestLab
  readonly dashboard: Dashboard
  readonly external: Network
  readonly demo: Browser
  readonly admin: Browser
  end(): Promise<void>
}

export async function beginVisit(name: string, portOffset: number): Promise<Visit> {
  const lab = await startLab(name, portOffset)
  let dashboard: Dashboard | undefined
  const end = async () => {
    await dashboard?.stop()
    await lab.down()
  }
  try {
    const external = await makeExternal(lab, 'flat', 'ext-net')
    dashboard = await startDashboard(userEnvironment(lab.state, 'admin').OS_AUTH_URL!)
    const demo = await signIn({ lab, dashboard }, 'demo')
    const admin = await signIn({ lab, dashboard }, 'admin')
    return { lab, dashboard, external, demo, admin, end }
  } catch (error) {
    await end()
    throw error
  }
}

export async function signIn(
  { lab, dashboard }: Pick<Visit, 'lab' | 'dashboard'>,
  user: 'admin' | 'demo',
): Promise<Browser> {
  const browser = new Browser(dashboard)
  const home = await browser.fill('/auth/login/', { username: user, password: passwordOf(lab, user) })
  assert.match(home.url.pathname, /^\/project\//)
  // whoever has several projects begins in any of them
  const { projectId } = await lab[user].token()
  await browser.read(`/auth/switch/${projectId}/?next=/project/`)
  return browser
}

export const passwordOf = (lab: TestLab, user: 'admin' | 'demo') => userEnvironment(lab.state, user).OS_PASSWORD!

/** The one object of a collection that has a name. */
export async function named<C extends keyof NetworkCollections>(
  { lab }: Visit,
  collection: C,
  name: string,
): Promise<NetworkCollections[C]> {
  const found = await lab.admin.network.list(collection, { name })
  assert.equal(found.length, 1, `${found.length} ${collection} named ${name}`)
  return found[0]!
}

/** The id of the row that shows a text. */
export function rowWith(page: Page, text: string): string {
  const found = [...page.rows].find(([, html]) => html.includes(text))
  assert.ok(found, `${page.url} has no row with ${text}: ${page.text}`)
  return found[0]
}
