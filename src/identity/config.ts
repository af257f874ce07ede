import { bool, ignored, int, optionalStr, str } from '../config/options.js'

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
}

export const KEYSTONE_FILES = ['/etc/keystone/keystone.conf'] as const
