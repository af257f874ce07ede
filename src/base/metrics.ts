import { createServer, type Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** One answered request. */
export interface RequestSample {
  readonly method: string
  /** pattern of the path, such as `/v2.0/ports/:id`: never the path itself, which has no end of values */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Figures of a service in Prometheus' text format; names begin with `eastwest_`. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Histogram<'method' | 'route' | 'status'>

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = new Histogram({
      name: 'eastwest_http_request_duration_seconds',
      help: 'Time from the request to its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers: [this.#registry],
    })
  }

  request({ method, route, status, seconds }: RequestSample): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds)
  }

  /** A figure that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `eastwest_${name}`,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    })
  }

  /** A figure for each value of a label, read when it is asked for. */
  gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    const gauge: Gauge<string> = new Gauge({
      name: `eastwest_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        gauge.reset()
        for (const [value, figure] of Object.entries(read())) gauge.set({ [label]: value }, figure)
      },
    })
  }

  /** Counts that somebody else keeps, each with its labels, read when they are asked for. */
  counters<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => readonly { readonly labels: Readonly<Record<Label, string>>; readonly value: number }[],
  ): void {
    const counter: Counter<Label> = new Counter({
      name: `eastwest_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        counter.reset()
        for (const { labels, value } of read()) counter.inc(labels, value)
      },
    })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Serves `GET /metrics` on an address of its own, so that the API's users cannot read it. */
  async serve(host: string, port: number): Promise<Server> {
    const server = createServer((request, response) => {
      if (request.url !== '/metrics' || request.method !== 'GET') return response.writeHead(404).end()
      this.text().then(
        (text) => response.writeHead(200, { 'Content-Type': this.#registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return server
  }
}
