#!/usr/bin/env node
import { main } from './common/program.js'
import { NEUTRON } from './neutron/program.js'

await main(NEUTRON)
