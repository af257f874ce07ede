/** As much of FTP (RFC 959) as active mode takes: the client names an address and a port, the server calls back there. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const PATIENCE_MS = 2_000

/** Serves control connections: `RETR` sends the address that `PORT` named, to that address. */
export function ftpServer(port: number, listening: () => void): void {
  createServer((control) => {
    control.on('error', () => {})
    control.write('220 ready\r\n')
    let target: { host: string; port: number } | null = null
    createInterface({ input: control }).on('line', (line) => {
      const [verb = '', argument = ''] = line.trim().split(' ')
      if (verb === 'USER') control.write('230 welcome\r\n')
      else if (verb === 'PORT') {
        target = parsePort(argument)
        control.write('200 noted\r\n')
      } else if (verb === 'RETR' && target) deliver(control, target)
      else control.write('502 not here\r\n')
    })
  }).listen(port, listening)
}

function deliver(control: Socket, target: { host: string; port: number }): void {
  // from the address that the client called: the kernel lets in nobody else
  const localAddress = control.localAddress!.replace(/^::ffff:/, '')
  const data = connect({ ...target, localAddress, timeout: PATIENCE_MS })
  data.once('timeout', () => data.destroy(new Error('timeout')))
  data.once('error', ({ message }) => control.end(`425 cannot call back: ${message}\r\n`))
  data.once('connect', () => data.end(`${target.host}:${target.port}`))
  data.once('finish', () => control.end('226 done\r\n'))
}

/** Fetches in active mode; resolves to what was sent: the address under which the server was told to call back. */
export async function ftpFetch(address: string, port: number): Promise<string> {
  const control = connect({ host: address, port, timeout: 2 * PATIENCE_MS })
  control.once('timeout', () => control.destroy(new Error('timeout')))
  const data = createServer()
  try {
    const sent = once(data, 'connection').then(([socket]) => text(socket as Socket))
    data.listen(0, '0.0.0.0')
    await Promise.all([once(data, 'listening'), once(control, 'connect')])
    await converse(control, (data.address() as AddressInfo).port)
    return await sent
  } finally {
    control.destroy()
    data.close()
  }
}

/** Waits for the answer to each line before the next; rejects when one is not what it should be. */
async function converse(control: Socket, dataPort: number): Promise<void> {
  const numbers = [...control.localAddress!.split('.'), dataPort >> 8, dataPort & 255].join(',')
  // the kernel reads from the second line on, when it has seen where lines begin
  const lines = ['USER anonymous', `PORT ${numbers}`, 'RETR x']
  for await (const answer of createInterface({ input: control })) {
    if (!answer.startsWith('2')) throw new Error(answer)
    const line = lines.shift()
    if (line === undefined) return
    control.write(`${line}\r\n`)
  }
  throw new Error('the server hung up')
}

async function text(socket: Socket): Promise<string> {
  let all = ''
  for await (const chunk of socket) all += String(chunk)
  return all
}

/** `192,168,1,5,4,1` is port 1025 of 192.168.1.5. */
function parsePort(argument: string): { host: string; port: number } {
  const numbers = argument.split(',').map(Number)
  return { host: numbers.slice(0, 4).join('.'), port: numbers[4]! * 256 + numbers[5]! }
}
