import { OPENSTACK_ORG } from '../spec.js'
import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import { type Place, probe, serve } from './places.js'

/** The outside world: gateway of the external networks, and `openstack.org`. */
export const OUTSIDE = { node: 'outside' } as const

/** Port of the outside world's server that tells callers their address. */
export const WHOAMI_PORT = 7000

/** Runs `action` while the outside world tells callers under which address it sees them. */
export async function withWhoami<T>(cloud: Cloud, action: () => Promise<T>): Promise<T> {
  const stop = await serve(cloud, OUTSIDE, 'whoami-server', String(WHOAMI_PORT))
  try {
    return await action()
  } finally {
    stop()
  }
}

/** The outside world sees this address when an instance calls it (during `withWhoami`). */
export async function expectSeenAs(cloud: Cloud, from: { readonly id: string }, address: string): Promise<void> {
  const place: Place = { instance: from.id }
  const seen = await probe(cloud, place, 'whoami', OPENSTACK_ORG, String(WHOAMI_PORT))
  expect(seen === address, `instance ${from.id} is seen outside as ${seen}, expected ${address}`)
}
