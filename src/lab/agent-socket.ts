import { request } from 'node:http'
import type { LabState } from './state.js'

/** What an agent says of itself at its control socket. */
export interface AgentStatus {
  readonly connected: boolean
  readonly binary: string
  readonly revision: number
  readonly applied: number
  readonly applies: number
  readonly writes: number
  readonly last_writes: number
  readonly errors: readonly { readonly kind: string; readonly id: string; readonly message: string }[]
  readonly view: readonly string[]
}

/** Talks to an agent's control socket, seen from outside through the node's root. */
export function askAgent(
  state: LabState,
  node: string,
  binary: string,
  method: 'GET' | 'POST',
  path: string,
): Promise<AgentStatus> {
  const socketPath = `/proc/${state.inits[node]!.pid}/root/run/neutron/${binary}.sock`
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => resolve(JSON.parse(text) as AgentStatus))
    })
    call.on('error', reject)
    call.end()
  })
}
