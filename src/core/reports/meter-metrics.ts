import type { Metrics } from '../../base/metrics.js'
import type { HostMeter } from './meters.js'

const LABELS = ['label_id', 'project_id', 'router_id', 'host'] as const

/** Bytes and packets that metering labels have counted, for Prometheus. Without a router's id: all routers of the host. */
export function meterMetrics(metrics: Metrics, read: () => readonly HostMeter[]): void {
  const counts = (value: (meter: HostMeter) => number) => () =>
    read().map((meter) => ({
      labels: {
        label_id: meter.label_id,
        project_id: meter.project_id,
        router_id: meter.router_id ?? '',
        host: meter.host,
      },
      value: value(meter),
    }))
  const bytes = counts((meter) => meter.total_bytes)
  metrics.counters('metering_bytes_total', 'Bytes that a metering label has counted on a host', LABELS, bytes)
  const packets = counts((meter) => meter.total_pkts)
  metrics.counters('metering_packets_total', 'Packets that a metering label has counted on a host', LABELS, packets)
}
