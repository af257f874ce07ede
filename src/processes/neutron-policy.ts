#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { declaredPolicy } from '../api/policy/declared.js'
import { Policy } from '../api/policy/policy.js'
import { parsePolicyFile } from '../api/policy/policy-file.js'
import { samplePolicyFile, sampleRules } from '../api/policy/sample.js'
import { packageVersion } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { configFiles, loadConfig } from '../config/options.js'
import { SERVER_FILES, serverOptions } from '../config/server.js'
import { buildCore } from '../core/build.js'
import { openStore } from '../store/open.js'

const program = new Command('neutron-policy')
  .description('The rules of policy.yaml: who may do what with the network service.')
  .version(packageVersion())
  .option('--config-file <path>', `file to read; repeat for several; otherwise ${SERVER_FILES.join(', ')}`, collect, [])

function collect(path: string, paths: readonly string[]): string[] {
  return [...paths, path]
}

/** The rules that a server of this configuration asks; of its database nothing is needed. */
async function declared(): Promise<Policy> {
  const args = program.opts<{ configFile: string[] }>().configFile.flatMap((path) => ['--config-file', path])
  const { values } = loadConfig(serverOptions, configFiles(args, SERVER_FILES))
  const log = createLogger('neutron-policy')
  log.level = 'silent'
  const store = await openStore('sqlite://')
  const core = buildCore(values, store, log)
  try {
    return declaredPolicy(core.services)
  } finally {
    await core.close()
    await store.close()
  }
}

program
  .command('sample')
  .description('a policy.yaml with every rule and its default, commented out')
  .option('--output-file <path>', 'write it there')
  .action(async ({ outputFile }: { outputFile?: string }) => {
    const text = samplePolicyFile(await declared())
    if (outputFile === undefined) process.stdout.write(text)
    else writeFileSync(outputFile, text)
  })

program
  .command('check')
  .description('whether a policy.yaml can be read; exit code 1 when it cannot, or names rules that nothing asks')
  .argument('<file>')
  .action(async (file: string) => {
    const rules = parsePolicyFile(readFileSync(file, 'utf8'), file)
    new Policy(rules, file)
    const known = new Set(sampleRules(await declared()).map(([name]) => name))
    const used = [...rules.values()].join(' ')
    // an attribute without a declared rule may be given one: `create_network:name`
    const isAsked = (name: string) => known.has(name) || known.has(name.split(':', 1)[0]!)
    const idle = [...rules.keys()].filter((name) => !isAsked(name) && !used.includes(`rule:${name}`))
    const named = [...used.matchAll(/\brule:([^\s()]+)/g)].map(([, name]) => name!)
    const missing = [...new Set(named)].filter((name) => !known.has(name) && !rules.has(name))
    for (const name of idle) process.stderr.write(`${file}: nothing asks for ${name}\n`)
    for (const name of missing) process.stderr.write(`${file}: there is no rule ${name}: it is taken for 'default'\n`)
    if (idle.length + missing.length > 0) process.exitCode = 1
  })

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`neutron-policy: ${error.message}\n`)
  process.exit(1)
})
