import { Table, text } from './table.js'

/** The network and router made for a project that asked for "a network". */
export const autoAllocatedTopologies = new Table('auto_allocated_topologies', {
  projectId: text('project_id'),
  networkId: text('network_id'),
  routerId: text('router_id'),
})
