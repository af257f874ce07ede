import type { Change } from '../../model/cloud.js'
import type { HostObject } from '../contracts/host-view.js'
import { type AppliedChange, affectedHosts, keepsPlacement, onlyOrdinaryPorts } from './affected.js'
import type { Cloud } from './cloud.js'
import { place } from './placement.js'
import { projectHost } from './project-host.js'

/** The views of all hosts, as the change log moves on. */
export class Projector {
  readonly #cloud: Cloud
  #placement

  constructor(cloud: Cloud) {
    this.#cloud = cloud
    this.#placement = place(cloud)
  }

  /** The host's view, made anew. */
  project(host: string): HostObject[] {
    return projectHost(this.#cloud, this.#placement, host)
  }

  /**
   * Applies changes. Resolves to the hosts whose views may be others now, null for all. `watchers`: hosts whose last
   * view has the members of a group.
   */
  apply(
    changes: readonly Pick<Change, 'kind' | 'id' | 'value'>[],
    watchers: (groupId: string) => Iterable<string>,
  ): ReadonlySet<string> | null {
    const applied: AppliedChange[] = changes.map((change) => {
      return { before: this.#cloud.apply(change), after: change.value }
    })
    const was = this.#placement
    const ordinary = onlyOrdinaryPorts(applied, this.#cloud)
    if (!ordinary || !keepsPlacement(applied)) this.#placement = place(this.#cloud)
    return ordinary ? affectedHosts(applied, was, this.#placement, watchers) : null
  }
}
