// Sends UDP datagrams, one per line of standard input: ADDRESS PORT HEX. A program of its own because a process can only
// send from the network namespace it was started in.
import { createSocket } from 'node:dgram'

const lines = []
for await (const chunk of process.stdin.setEncoding('utf8')) lines.push(chunk)
const socket = createSocket('udp4')
for (const line of lines.join('').split('\n')) {
  const [address, port, hex] = line.split(' ')
  if (!hex) continue
  await new Promise((resolve, reject) => {
    socket.send(Buffer.from(hex, 'hex'), Number(port), address, (error) => (error ? reject(error) : resolve()))
  })
}
socket.close()
