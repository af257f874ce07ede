import type { Case } from '../case.js'
import { ndpProxy } from './ndp-proxy.js'
import { ipv6, ipv6Legacy } from './routing.js'
import { ipv6Spoofing } from './spoofing.js'

export const IPV6_CASES: readonly Case[] = [ipv6, ipv6Legacy, ipv6Spoofing, ndpProxy]
