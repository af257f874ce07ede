/** `npm run bench NAME [-- options]`: runs one benchmark and prints its figures as JSON on standard output. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(): Promise<unknown> }>>> = {
  steps: () => import('./steps.js'),
  idle: () => import('./idle.js'),
  datapath: () => import('./datapath.js'),
  api: () => import('./api/run.js'),
}

const name = process.argv[2] ?? ''
const load = BENCHES[name]
if (!load) {
  process.stderr.write(`usage: npm run bench ${Object.keys(BENCHES).join('|')}\n`)
  process.exit(2)
}
const { run } = await load()
process.stdout.write(`${JSON.stringify({ bench: name, ...((await run()) as object) }, null, 2)}\n`)
