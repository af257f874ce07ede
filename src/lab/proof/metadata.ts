import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import type { Instance, Json } from './objects.js'
import { ask } from './places.js'

const SERVICE = 'http://169.254.169.254'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Asks the metadata service from inside an instance, with further headers (`Name:value`). */
export async function askMetadata(
  cloud: Cloud,
  instance: Instance,
  path: string,
  ...headers: string[]
): Promise<Answer> {
  return ask(cloud, { instance: instance.id }, 'http', `${SERVICE}${path}`, ...headers)
}

/** User data that tells an instance by its name, as part of a request to boot it. */
export function ownUserData(name: string): Json {
  return { user_data: Buffer.from(userData(name)).toString('base64') }
}

const userData = (name: string) => `#cloud-config\nfqdn: ${name}.example.org\n`

/** The instance is told its own id, name, address and user data, in the words of EC2 and of OpenStack. */
export async function expectOwnMetadata(cloud: Cloud, instance: Instance): Promise<void> {
  const { id, name, ip } = instance
  const expected: Record<string, string> = {
    '/latest/meta-data/instance-id': `i-${id.slice(0, 8)}`,
    '/latest/meta-data/hostname': `${name}.novalocal`,
    '/latest/meta-data/local-ipv4': ip,
    '/latest/user-data': userData(name),
    '/openstack/latest/user_data': userData(name),
  }
  for (const [path, wanted] of Object.entries(expected)) {
    const { status, body } = await askMetadata(cloud, instance, path)
    expect(status === 200 && body === wanted, `${name} was answered ${status} '${body}' at ${path}, not '${wanted}'`)
  }
  await expectOwnDocument(cloud, instance)
}

/** The document that says who the instance is; `headers`: what the instance claims beside. */
export async function expectOwnDocument(cloud: Cloud, instance: Instance, ...headers: string[]): Promise<void> {
  const { status, body } = await askMetadata(cloud, instance, '/openstack/latest/meta_data.json', ...headers)
  expect(status === 200, `${instance.name} ${headers.join(' ')} was answered ${status} ${body}`)
  const { uuid, name } = JSON.parse(body) as { uuid: string; name: string }
  expect(uuid === instance.id && name === instance.name, `${instance.name} ${headers.join(' ')} was told it is ${name}`)
}
