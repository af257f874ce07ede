import type { Logger } from '../../base/log.js'
import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import type { Authenticator } from './authenticator.js'
import { KeystoneAuthenticator } from './keystone.js'
import { noAuth } from './noauth.js'

/** The authenticator that `auth_strategy` and [keystone_authtoken] ask for. Throws ConfigError when something is missing. */
export function authenticatorOf(config: ServerConfig, log: Logger): Authenticator {
  const strategy = config.DEFAULT.auth_strategy
  if (strategy === 'noauth') return noAuth()
  if (strategy !== 'keystone')
    throw new ConfigError(`[DEFAULT] auth_strategy: '${strategy}' is not one of keystone, noauth`)
  const section = config.keystone_authtoken
  const authUrl = required('auth_url', section.auth_url ?? section.identity_uri ?? section.www_authenticate_uri)
  const user = {
    ...section,
    auth_url: authUrl,
    username: required('username', section.username),
    password: required('password', section.password),
    project_name: section.project_name ?? 'service',
  }
  // keystonemiddleware's -1: every request asks
  const cacheMs = Math.max(0, section.token_cache_time) * 1000
  return new KeystoneAuthenticator({ user, authUri: section.www_authenticate_uri ?? authUrl, cacheMs }, log)
}

function required(option: string, value: string | null): string {
  if (value === null) throw new ConfigError(`[keystone_authtoken] ${option} is not set`)
  return value
}
