/** What the metadata proxy of one namespace is made of. */
export interface ProxySpec {
  /** router or network id */
  readonly id: string
  readonly idHeader: 'X-Neutron-Router-ID' | 'X-Neutron-Network-ID'
  /** addresses to listen on, as haproxy's `bind` takes them */
  readonly binds: readonly string[]
}

/** Absolute paths under the agents' state directory. */
export interface ProxyPaths {
  readonly config: string
  readonly pidFile: string
  readonly socket: string
}

export function proxyPaths(state: string, id: string): ProxyPaths {
  return {
    config: `${state}/ns-metadata-proxy/${id}.conf`,
    pidFile: `${state}/external/pids/${id}.pid.haproxy`,
    socket: `${state}/metadata_proxy`,
  }
}

/**
 * Neutron's configuration, line by line (reference: DHCP and metadata, §8). The header of the other kind is deleted,
 * so that an instance cannot name a network or router by itself. One thread: it serves a handful of requests at boot.
 */
export function proxyConfig(spec: ProxySpec, paths: ProxyPaths): string {
  const other = spec.idHeader === 'X-Neutron-Router-ID' ? 'X-Neutron-Network-ID' : 'X-Neutron-Router-ID'
  return `
global
    log         /dev/log local0 info
    log-tag     haproxy-metadata-proxy-${spec.id}
    user        root
    group       root
    maxconn     1024
    nbthread    1
    pidfile     ${paths.pidFile}
    daemon

defaults
    log global
    mode http
    option httplog
    option dontlognull
    option http-server-close
    option forwardfor
    retries                 3
    timeout http-request    30s
    timeout connect         30s
    timeout client          32s
    timeout server          32s
    timeout http-keep-alive 30s

listen listener
${spec.binds.map((bind) => `    bind ${bind}`).join('\n')}
    server metadata ${paths.socket}
    http-request del-header ${other}
    http-request set-header ${spec.idHeader} ${spec.id}
`
}
