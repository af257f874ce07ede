import { runCommand } from '../../src/dataplane/command/host.js'
import type { Path } from './measure.js'

const NAMES = ['eastwest-bench-a', 'eastwest-bench-b'] as const
const ADDRESSES = ['10.255.255.1', '10.255.255.2'] as const

/** Two namespaces and a veth pair: what the machine can do with nothing in between. */
export async function rawVeth(): Promise<{ readonly path: Path; remove(): Promise<void> }> {
  const [a, b] = NAMES
  const remove = async () => {
    await runCommand(['ip', '-force', '-batch', '-'], { input: `netns del ${a}\nnetns del ${b}\n`, okCodes: [0, 1] })
  }
  await remove()
  const lines = [
    `netns add ${a}`,
    `netns add ${b}`,
    `link add veth0 netns ${a} mtu 1450 type veth peer name veth0 netns ${b} mtu 1450`,
  ]
  await runCommand(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  for (const [index, name] of NAMES.entries()) {
    const inner = `addr add ${ADDRESSES[index]}/30 dev veth0\nlink set veth0 up\nlink set lo up\n`
    await runCommand(['ip', '-n', name, '-batch', '-'], { input: inner })
  }
  const at = (name: string) => async (argv: readonly string[]) => ['ip', 'netns', 'exec', name, ...argv]
  return { path: { name: 'raw veth', from: at(a), to: at(b), address: ADDRESSES[1] }, remove }
}
