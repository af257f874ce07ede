/** A server's end of the bus as a process of its own, with a cloud that never changes; TRANSPORT_URL is in the environment. */
import { pino } from 'pino'
import { FakeSource, notingSink } from '../../src/bus/fake-source.fake.js'
import { scenarioCloud } from '../../src/bus/projection/scenario-cloud.fake.js'
import { startBus } from '../../src/bus/server.js'
import { rabbitOf } from './rabbit-url.js'

const bus = await startBus({
  source: new FakeSource(scenarioCloud()),
  sink: notingSink([]),
  transport: rabbitOf(process.env.TRANSPORT_URL!),
  bindHost: '127.0.0.1',
  name: 'second',
  log: pino({ level: 'silent' }),
})
const timer = setInterval(() => {
  if (!bus.transport().connected) return
  clearInterval(timer)
  process.stdout.write('connected\n')
}, 10)
