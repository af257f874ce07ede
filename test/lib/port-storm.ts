/**
 * A server process of its own: makes ports on a network, all at once, and prints their addresses.
 * usage: port-storm.ts DATABASE_URL NETWORK_ID COUNT
 */
import { addressesOf, TestCloud } from '../../src/core/testing/cloud.js'
import { openStore } from '../../src/store/open.js'

const [url, networkId, count] = process.argv.slice(2) as [string, string, string]
const cloud = TestCloud.on(await openStore(url))
const ports = await Promise.all(Array.from({ length: Number(count) }, () => cloud.port(networkId)))
await cloud.close()
process.stdout.write(JSON.stringify(ports.flatMap(addressesOf)))
