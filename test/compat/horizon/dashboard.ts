import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { until } from '../../../src/lab/proof/until.js'
import { freePort } from '../../../src/lab/services/place.js'
import { start } from '../../lib/lab.js'

const MANAGE = '/usr/share/openstack-dashboard/manage.py'

/** Debian's `openstack-dashboard` is there. */
export const dashboardIsInstalled = () => existsSync(MANAGE)

export interface Dashboard {
  readonly url: URL
  /** what it printed so far */
  log(): string
  stop(): Promise<void>
}

/** Starts Debian's Horizon on a free port of the loopback, by Django's own server, with the settings beside this file. */
export async function startDashboard(authUrl: string): Promise<Dashboard> {
  const port = await freePort()
  const { output, stop, exited } = start(['/usr/bin/python3', MANAGE, 'runserver', '--noreload', `127.0.0.1:${port}`], {
    OS_AUTH_URL: authUrl,
    PYTHONPATH: resolve(import.meta.dirname),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  })
  const url = new URL(`http://127.0.0.1:${port}/`)
  let ended = false
  void exited.then(() => {
    ended = true
  })
  await until('the dashboard to answer', async () => {
    if (ended) throw new Error(`the dashboard ended: ${output()}`)
    return fetch(new URL('/auth/login/', url)).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  return { url, log: output, stop }
}
