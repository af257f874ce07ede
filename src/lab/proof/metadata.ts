import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import type { Instance, Json } from './objects.js'
import { ask, type Place } from './places.js'
import { until } from './until.js'

const SERVICE = 'http://169.254.169.254'
const DOCUMENT = '/openstack/latest/meta_data.json'

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
  return (await askAll(cloud, { instance: instance.id }, SERVICE, [[path, ...headers]]))[0]!
}

/** Asks a server several times, one after the other; a request is a path with headers behind. */
export function askAll(
  cloud: Cloud,
  place: Place,
  url: string,
  requests: readonly (readonly string[])[],
): Promise<Answer[]> {
  return ask(cloud, place, 'http', url, ...requests.map((request) => JSON.stringify(request)))
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
  const requests = [...Object.keys(expected), DOCUMENT].map((path) => [path])
  // a namespace's proxy starts in the background, instances ask until it answers
  const answers = await until(`${name} to be answered`, async () => {
    const all = await askAll(cloud, { instance: id }, SERVICE, requests)
    return all.every(({ status }) => status !== 0) && all
  })
  for (const [i, [path, wanted]] of Object.entries(expected).entries()) {
    const { status, body } = answers[i]!
    expect(status === 200 && body === wanted, `${name} was answered ${status} '${body}' at ${path}, not '${wanted}'`)
  }
  expectOwn(instance, answers.at(-1)!, '')
}

/** The document that says who the instance is, however it asks (headers of each request). */
export async function expectOwnDocument(cloud: Cloud, instance: Instance, ...asked: string[][]): Promise<void> {
  const requests = (asked.length > 0 ? asked : [[]]).map((headers) => [DOCUMENT, ...headers])
  const answers = await askAll(cloud, { instance: instance.id }, SERVICE, requests)
  for (const [i, answer] of answers.entries()) expectOwn(instance, answer, requests[i]!.join(' '))
}

function expectOwn(instance: Instance, { status, body }: Answer, asked: string): void {
  expect(status === 200, `${instance.name} ${asked} was answered ${status} ${body}`)
  const { uuid, name } = JSON.parse(body) as { uuid: string; name: string }
  expect(uuid === instance.id && name === instance.name, `${instance.name} ${asked} was told it is ${name}`)
}
