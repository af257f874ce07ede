#!/usr/bin/env node
import { main } from './common/program.js'
import { NOVA } from './nova/program.js'

await main(NOVA)
