import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const plain: Attribute = { filter: true }

/** Zones follow from the agents; nobody makes them here. */
export const availabilityZone: Resource = {
  name: 'availability_zone',
  plural: 'availability_zones',
  path: 'availability_zones',
  policy: { get: common.READER },
  attributes: { state: plain, resource: plain, name: plain },
}
