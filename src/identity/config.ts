import { bool, ConfigError, type ConfigOf, ignored, int, optionalStr, str } from '../config/options.js'

/** `/etc/keystone/keystone.conf`. */
export const keystoneOptions = {
  DEFAULT: {
    debug: bool(false),
    verbose: ignored('removed; use debug'),
    bind_host: str('0.0.0.0', { aliases: ['public_bind_host'] }),
    bind_port: int(5000, { aliases: ['public_port'] }),
    /** base of the links in version documents; without it, the address the client used */
    public_endpoint: optionalStr(),
  },
  database: { connection: str('sqlite:////var/lib/keystone/keystone.sqlite') },
  token: {
    /** seconds */
    expiration: int(3600),
  },
  identity: {
    password_hash_algorithm: str('scrypt'),
    /** scrypt: base-2 logarithm of N */
    password_hash_rounds: int(15),
    scrypt_block_size: int(8),
    scrypt_parallelism: int(3),
  },
  security_compliance: {
    /** wrong passwords in a row after which a user is locked out; 0: never */
    lockout_failure_attempts: int(0),
    /** seconds */
    lockout_duration: int(1800),
  },
}

type KeystoneConfig = ConfigOf<typeof keystoneOptions>

/** What the identity service is to be made with. Throws ConfigError for what it cannot do. */
export function identityOptions(config: Pick<KeystoneConfig, 'token' | 'identity' | 'security_compliance'>) {
  const { password_hash_algorithm, password_hash_rounds, scrypt_block_size, scrypt_parallelism } = config.identity
  if (password_hash_algorithm !== 'scrypt')
    throw new ConfigError(
      `[identity] password_hash_algorithm: only scrypt is supported, not ${password_hash_algorithm}`,
    )
  if (password_hash_rounds < 12 || password_hash_rounds > 20 || scrypt_block_size < 1 || scrypt_parallelism < 1)
    throw new ConfigError('[identity] password_hash_rounds is from 12 to 20, scrypt_block_size and _parallelism from 1')
  return {
    expirationSeconds: config.token.expiration,
    cost: { N: 2 ** password_hash_rounds, r: scrypt_block_size, p: scrypt_parallelism },
    lockout: {
      attempts: config.security_compliance.lockout_failure_attempts,
      milliseconds: config.security_compliance.lockout_duration * 1000,
    },
  }
}

export const KEYSTONE_FILES = ['/etc/keystone/keystone.conf'] as const
