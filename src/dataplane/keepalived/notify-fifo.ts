import { constants, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Host } from '../command/host.js'

/** States of VRRP that keepalived tells of. */
export type VrrpWord = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP'

const EVENT = /^INSTANCE "[^"]*" (MASTER|BACKUP|FAULT|STOP) /

export const isFifo = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false

/** Makes the FIFO if it is not there: one that keepalived makes itself goes with every reload. */
export async function makeFifo(host: Host, path: string): Promise<void> {
  if (!isFifo(path)) await host.run(['mkfifo', '-m', '600', path])
}

/**
 * Follows what keepalived writes, also what it wrote while nobody read.
 * @returns ends that
 */
export function followFifo(path: string, tell: (word: VrrpWord) => void): () => void {
  // a writer as well: the FIFO stays open while keepalived opens it anew, and opening does not wait for it
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const word = line.match(EVENT)?.[1]
      if (word) tell(word as VrrpWord)
    }
  })
  // nothing comes of a FIFO that fails; an audit reads the state from the device
  socket.on('error', () => socket.destroy())
  socket.unref()
  return () => socket.destroy()
}
