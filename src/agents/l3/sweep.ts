import type { Namespaces } from '../../dataplane/netns/namespaces.js'

/** Ids are UUIDs: a namespace that only begins like one of ours is a stranger's. */
const OWN_NAMESPACE = /^(qrouter|snat|fip)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
const OWN_PORTS = ['qr-', 'qg-', 'sg-', 'fg-', 'ha-']

/** Namespaces of ours on this host that are not desired (any more). */
export function unwantedNamespaces(namespaces: Namespaces, wanted: ReadonlySet<string>): string[] {
  return [...namespaces.present()].filter((name) => OWN_NAMESPACE.test(name) && !wanted.has(name)).sort()
}

/** The router of a qrouter namespace: the id its metadata proxy goes by. */
export function routerOf(namespace: string): string | null {
  const found = namespace.match(OWN_NAMESPACE)
  return found?.[1] === 'qrouter' ? found[2]! : null
}

/** Ports of ours on the integration bridge that belong to no device any more (their namespace is gone). */
export function sweepPorts(namespaces: Namespaces): Promise<number> {
  return namespaces.sweepPorts(OWN_PORTS)
}
