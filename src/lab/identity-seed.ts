import type { LabSpec } from './spec.js'
import type { Secrets } from './state.js'

export interface IdentitySeed {
  readonly region: string
  readonly projects: readonly { readonly name: string; readonly description: string }[]
  readonly roles: readonly string[]
  readonly users: readonly { readonly name: string; readonly password: string }[]
  readonly assignments: readonly { readonly user: string; readonly project: string; readonly role: string }[]
  readonly services: readonly {
    readonly type: string
    readonly name: string
    readonly endpoints: Readonly<Record<'public' | 'internal' | 'admin', string>>
  }[]
}

/** Who and what the lab's identity service knows. Also what `keystone --seed FILE` reads. */
export function identitySeed(spec: LabSpec, secrets: Secrets): IdentitySeed {
  const { identity, network, compute } = spec.ports
  const endpoints = (port: number, path = '') => {
    const inside = `http://controller:${port}${path}`
    return { public: `http://127.0.0.1:${port}${path}`, internal: inside, admin: inside }
  }
  return {
    region: 'RegionOne',
    projects: [
      { name: 'admin', description: 'Admin Project' },
      { name: 'service', description: 'Service Project' },
      { name: 'demo', description: 'Demo Project' },
    ],
    roles: ['admin', 'manager', 'member', 'reader', 'service'],
    users: [
      { name: 'admin', password: secrets.adminPassword },
      { name: 'demo', password: secrets.demoPassword },
      { name: 'neutron', password: secrets.servicePassword },
      { name: 'nova', password: secrets.servicePassword },
    ],
    assignments: [
      { user: 'admin', project: 'admin', role: 'admin' },
      { user: 'admin', project: 'demo', role: 'admin' },
      { user: 'demo', project: 'demo', role: 'member' },
      { user: 'neutron', project: 'service', role: 'admin' },
      { user: 'neutron', project: 'service', role: 'service' },
      { user: 'nova', project: 'service', role: 'admin' },
      { user: 'nova', project: 'service', role: 'service' },
    ],
    services: [
      { type: 'identity', name: 'keystone', endpoints: endpoints(identity, '/v3') },
      { type: 'network', name: 'neutron', endpoints: endpoints(network) },
      { type: 'compute', name: 'nova', endpoints: endpoints(compute, '/v2.1') },
      { type: 'image', name: 'glance', endpoints: endpoints(compute, '/image') },
    ],
  }
}
