import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type QuotaPools, quotaLeft } from '../app/cost/quota-left.ts'
import type { TransformState } from '../app/reports/queries.ts'
import { transformOf } from '../app/transform.ts'
import type { EngineEvent } from '../core/events.ts'
import type { Reader } from '../store/reader.ts'
import type { CachedRead } from './cached-read.ts'
import type { CachedReports } from './cached-reports.ts'
import type { Runner } from './runner.ts'

/** What Prometheus is told. Names and labels are a contract with dashboards: `examples/grafana-dashboard.json`. */
export interface PrometheusMetrics {
  /** Counts an event of a run. */
  hear(event: EngineEvent): void
  /** Notes an answered request. */
  answered(route: string, method: string, status: number, seconds: number): void
  readonly contentType: string
  /** What is counted in the file is read now, or was a moment ago where that is dear. */
  text(about: {
    readonly reader: Reader
    readonly reports: CachedReports
    readonly runner: Runner
    readonly stored: CachedRead<readonly TransformState[]>
    readonly pools: readonly QuotaPools[]
    readonly now: number
  }): Promise<string>
}

export const openPrometheus = (): PrometheusMetrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'socsync_' })
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers })
  const gauge = <const L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers })
  const histogram = <const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames: [...labelNames], buckets, registers })

  const runs = gauge('socsync_runs', 'Runs of this server by state', ['state'])
  const queue = gauge('socsync_queue_length', 'Runs that wait for their turn')
  const jobs = gauge('socsync_jobs', 'Jobs in the file by network and status', ['network', 'status'])
  const ended = counter('socsync_jobs_ended_total', 'Jobs that ended', ['network', 'status'])
  const calls = counter('socsync_calls_total', 'Calls sent', ['network', 'pool'])
  const units = counter('socsync_units_total', 'Units of quota spent', ['network', 'pool'])
  const faults = counter('socsync_faults_total', 'Calls that failed', ['network', 'kind'])
  const pages = counter('socsync_pages_total', 'Pages stored', ['network', 'kind'])
  const items = counter('socsync_items_total', 'Records stored', ['network', 'kind'])
  const elements = gauge('socsync_transform_elements', 'Elements of transforms in the file', [
    'transform',
    'version',
    'status',
  ])
  const answered = counter('socsync_elements_ended_total', 'Elements that a service answered or gave up', [
    'transform',
    'status',
  ])
  const commit = histogram(
    'socsync_commit_seconds',
    'What the transaction of a page took',
    ['network'],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  )
  const left = gauge('socsync_quota_left', 'Units left in the window that is open now', [
    'network',
    'owner',
    'pool',
  ])
  const allowance = gauge('socsync_quota_allowance', 'Units of a whole window', ['network', 'owner', 'pool'])
  const lag = gauge('socsync_lag_seconds', 'Since a job of the network last came to a good end', ['network'])
  const requests = histogram(
    'socsync_request_seconds',
    'Answers of the API',
    ['route', 'method', 'status'],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  )

  return {
    contentType: registry.contentType,
    hear: event => {
      const { network } = event
      if (event.event === 'job.ended') ended.inc({ network, status: event.status })
      if (event.event === 'element.ended')
        answered.inc({ transform: transformOf(network), status: event.status })
      if (event.event === 'call.failed') faults.inc({ network, kind: event.fault.kind })
      if (event.event === 'call.sent') {
        calls.inc({ network, pool: event.pool })
        units.inc({ network, pool: event.pool }, event.units)
      }
      if (event.event === 'page.committed') {
        pages.inc({ network, kind: event.kind })
        items.inc({ network, kind: event.kind }, event.items)
        commit.observe({ network }, event.commitMs / 1000)
      }
    },
    answered: (route, method, status, seconds) =>
      requests.observe({ route, method, status: String(status) }, seconds),
    text: async ({ reader, reports, runner, stored, pools, now }) => {
      runs.set({ state: 'running' }, runner.running)
      runs.set({ state: 'queued' }, runner.waiting)
      queue.set(runner.waiting)
      const found = await reports.gauges()
      jobs.reset()
      for (const { network, status, count } of found.jobs) jobs.set({ network, status }, count)
      elements.reset()
      for (const { name, versions } of await stored.read())
        for (const { version, elements: counts } of versions)
          for (const [status, count] of Object.entries(counts))
            elements.set({ transform: name, version, status }, count)
      lag.reset()
      for (const { network, at } of found.lastSuccess)
        lag.set({ network }, Math.max(0, (now - Date.parse(at)) / 1000))
      left.reset()
      allowance.reset()
      for (const { network, owner, pool, ...quota } of await quotaLeft(reader.db, pools, now)) {
        if (quota.allowance === null) continue
        const rest = quota.exhausted_until === null ? Math.max(0, quota.allowance - quota.used) : 0
        left.set({ network, owner, pool }, rest)
        allowance.set({ network, owner, pool }, quota.allowance)
      }
      return registry.metrics()
    },
  }
}
