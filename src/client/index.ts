/** Client of a cloud's identity, networking and compute services over HTTP. */
export {
  ComputeClient,
  type Flavor,
  type Server,
  type ServerAddress,
  type ServerNic,
  type ServerRequest,
} from './compute.js'
export { type Credentials, identityRoot } from './credentials.js'
export { ApiError, ConnectError, CredentialsError, IdentityError, LookupError } from './errors.js'
export type { HttpReply, HttpRequest } from './http.js'
export { NetworkClient, type RouterInterface } from './network.js'
export type * from './network-types.js'
export { type CallOptions, type Query, ServiceClient } from './service.js'
export {
  ServiceSession,
  type ServiceSessionOptions,
  type ServiceUser,
  type ServiceWish,
  type Validation,
} from './service-session.js'
export { createSession, type Session, type SessionOptions } from './session.js'
export type { CatalogEndpoint, CatalogService, Token, TokenFacts } from './token.js'
