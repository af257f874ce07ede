/**
 * A server process of its own: makes ports on a network, all at once, and prints the address of each when it is made.
 * usage: port-storm.ts DATABASE_URL NETWORK_ID COUNT
 */
import { writeSync } from 'node:fs'
import { addressesOf, TestCloud } from '../../src/core/testing/cloud.js'
import { openStore } from '../../src/store/open.js'

const [url, networkId, count] = process.argv.slice(2) as [string, string, string]
const cloud = TestCloud.on(await openStore(url), '[quotas]\nquota_port = -1\n')
const make = async () => {
  for (const address of addressesOf(await cloud.port(networkId))) writeSync(1, `${address}\n`)
}
await Promise.all(Array.from({ length: Number(count) }, make))
await cloud.close()
