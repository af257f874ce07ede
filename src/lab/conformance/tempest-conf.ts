import type { Suite } from './suites.js'

/** What tempest must know of a cloud. */
export interface TempestSettings {
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly projectName: string
  readonly region: string
  readonly externalNetwork: { readonly id: string; readonly name: string }
  /** aliases that the API announces */
  readonly extensions: readonly string[]
  /** the suite's own options, by section */
  readonly options: Suite['options']
  /** directory of its own, for locks and the log */
  readonly directory: string
}

/**
 * tempest.conf for tests of the network API: users and projects are made by tempest itself (dynamic credentials), nothing
 * is booted, and a test is skipped only when the extension it is about is not announced.
 */
export function tempestConf(settings: TempestSettings): string {
  const { externalNetwork, directory, options } = settings
  const common: Suite['options'] = {
    DEFAULT: { log_dir: directory, log_file: 'tempest.log' },
    oslo_concurrency: { lock_path: `${directory}/lock` },
    auth: {
      use_dynamic_credentials: 'true',
      admin_username: settings.username,
      admin_password: settings.password,
      admin_project_name: settings.projectName,
      admin_domain_name: 'Default',
    },
    identity: {
      uri_v3: settings.authUrl,
      auth_version: 'v3',
      region: settings.region,
      // the admin endpoints of a lab are on its management network
      v3_endpoint_type: 'public',
    },
    'identity-feature-enabled': { api_v2: 'false' },
    service_available: { neutron: 'true', nova: 'true', glance: 'false', cinder: 'false', swift: 'false' },
    validation: { run_validation: 'false' },
    network: {
      public_network_id: externalNetwork.id,
      floating_network_name: externalNetwork.name,
      project_network_cidr: '10.100.0.0/16',
    },
    'network-feature-enabled': {
      ipv6: 'true',
      ipv6_subnet_attributes: 'true',
      api_extensions: settings.extensions.join(','),
    },
  }
  const sections = [...new Set([...Object.keys(common), ...Object.keys(options)])]
  return ini(Object.fromEntries(sections.map((name) => [name, { ...common[name], ...options[name] }])))
}

function ini(sections: Suite['options']): string {
  return Object.entries(sections)
    .map(([name, options]) => {
      // oslo.config substitutes $names
      const lines = Object.entries(options).map(([key, value]) => `${key} = ${value.replaceAll('$', '$$$$')}\n`)
      return `[${name}]\n${lines.join('')}`
    })
    .join('\n')
}
