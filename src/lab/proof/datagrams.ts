import { createSocket } from 'node:dgram'

/** Without a datagram for so long, a stream of them is over. */
const PAUSE_MS = 400

/** Sends datagrams of one byte from one port, evenly over time. Resolves when the last is sent. */
export async function datagrams(address: string, port: number, rate: number, count: number): Promise<void> {
  const socket = createSocket('udp4')
  const started = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const send = () => {
      const due = Math.min(count, Math.ceil(((performance.now() - started) / 1000) * rate))
      // what a full queue or a refusal of the kernel loses is as lost as on the wire
      for (; sent < due; sent++) socket.send('x', port, address, () => {})
      if (sent === count) resolve()
      else setTimeout(send, 1)
    }
    send()
  })
  await new Promise<void>((resolve) => socket.close(resolve))
}

/** Counts what comes to a port; prints a line for each stream, `COUNT MILLISECONDS`, until standard input ends. */
export function count(port: number): void {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
  let first = 0
  let last = 0
  let came = 0
  socket.on('message', () => {
    last = performance.now()
    if (came === 0) first = last
    came++
  })
  setInterval(() => {
    if (came === 0 || performance.now() - last < PAUSE_MS) return
    process.stdout.write(`${came} ${Math.round(last - first)}\n`)
    came = 0
  }, 20)
  socket.bind(port, () => process.stdout.write('listening\n'))
  process.stdin.resume().once('end', () => process.exit())
}
