import type { Case } from '../case.js'
import { dhcpLeaseRelease, dhcpRenewal } from './leases.js'
import { dhcpOptions } from './options.js'
import { dhcpTwoAgents } from './two-agents.js'

export const DHCP_CASES: readonly Case[] = [dhcpOptions, dhcpRenewal, dhcpLeaseRelease, dhcpTwoAgents]
