#!/usr/bin/env node
import { main } from './common/program.js'
import { OPENSTACK } from './openstack/program.js'

await main(OPENSTACK)
