/** Faults of flavors, with Neutron's messages. */
import { Fault } from '../faults.js'

export const flavorNotFound = (id: string) => new Fault('FlavorNotFound', 404, `Flavor ${id} could not be found.`)

export const flavorInUse = (id: string) =>
  new Fault('FlavorInUse', 409, `Flavor ${id} is used by some service instance.`)

export const flavorDisabled = () => new Fault('FlavorDisabled', 503, 'Flavor is not enabled.')

export const invalidServiceType = (type: string) =>
  new Fault('InvalidFlavorServiceType', 400, `Invalid service type ${type}.`)

export const profileNotFound = (id: string) =>
  new Fault('ServiceProfileNotFound', 404, `Service Profile ${id} could not be found.`)

export const profileInUse = (id: string) =>
  new Fault('ServiceProfileInUse', 409, `Service Profile ${id} is used by some service instance.`)

export const profileEmpty = () => new Fault('ServiceProfileEmpty', 400, 'Empty service profile is not allowed.')

export const driverNotFound = (driver: string) =>
  new Fault('ServiceProfileDriverNotFound', 404, `Service Profile driver ${driver} could not be found.`)

export const alreadyAssociated = (profileId: string, flavorId: string) =>
  new Fault(
    'FlavorServiceProfileBindingExists',
    409,
    `Service Profile ${profileId} is already associated with flavor ${flavorId}.`,
  )

export const notAssociated = (profileId: string, flavorId: string) =>
  new Fault(
    'FlavorServiceProfileBindingNotFound',
    404,
    `Service Profile ${profileId} is not associated with flavor ${flavorId}.`,
  )
