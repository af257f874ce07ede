/** An entry of nova's `/os-server-external-events`. */
export interface ServerEvent {
  readonly name: 'network-vif-plugged' | 'network-vif-unplugged' | 'network-vif-deleted' | 'network-changed'
  readonly server_uuid: string
  /** port id */
  readonly tag?: string
  readonly status?: 'completed'
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** Nova refuses a whole request for one server whose id is no UUID; a port's `device_id` may be anything. */
export function mayBeTold({ server_uuid }: ServerEvent): boolean {
  return UUID.test(server_uuid)
}
