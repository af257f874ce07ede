import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Unexpected } from '../../../src/lab/proof/expect.js'
import { until } from '../../../src/lab/proof/until.js'
import { freePort } from '../../../src/lab/services/place.js'
import { start } from '../../lib/lab.js'

const MANAGE = '/usr/share/openstack-dashboard/manage.py'

/** It reads some thousand files before it answers. */
const START_MS = 60_000

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
  const answers = async () => {
    if (ended) throw new Unexpected(`the dashboard ended: ${output()}`)
    return (await fetch(new URL('/auth/login/', url))).ok
  }
  try {
    await until('the dashboard to answer', answers, START_MS)
  } catch (error) {
    if (!ended) await stop()
    throw error
  }
  return { url, log: output, stop }
}
