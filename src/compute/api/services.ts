import type { Logger } from '../../base/log.js'
import type { ComputeBusServer } from '../bus/server.js'
import type { Neutron } from '../clients/neutron.js'
import type { TokenValidator } from '../clients/token-validator.js'
import type { ComputeHosts } from '../core/hosts.js'
import type { Image } from '../core/images.js'
import type { Instances } from '../core/instances.js'
import type { NovaStore } from '../core/store.js'

/** What the routes of the Compute API work with. */
export interface NovaServices {
  readonly store: NovaStore
  readonly hosts: ComputeHosts
  readonly instances: Instances
  readonly bus: ComputeBusServer
  /** as nova's own user */
  readonly neutron: Neutron
  readonly tokens: TokenValidator
  readonly images: readonly Image[]
  readonly defaultZone: string
  readonly log: Logger
}
