import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import Database from 'better-sqlite3'
import { startServer, TOKEN } from '../../support/server.ts'
import type { Figure } from '../figure.ts'
import { measured } from '../measured.ts'
import { peakOf } from '../processes.ts'

const READS_A_SECOND = 200
const READING_FOR_S = 10

/** A second run of very many tasks, a post each, so that reports have them to add up. */
export const addTasks = (path: string, count: number): void => {
  const db = new Database(path)
  const at = '2026-01-01T00:00:00.000Z'
  db.exec(`
    insert into sync_runs (id, trigger, scopes, params, trace_id, created_at, finished_at)
      values (1000, 'cli', '["comments"]', '{}', 'b', '${at}', '${at}');
    with recursive n(i) as (select 0 union all select i + 1 from n where i < 999)
      insert into sync_jobs (id, run_id, network, entity_id, cursor, status, scopes, params, bounds, trace_id, created_at, finished_at)
      select 1000 + i, 1000, 'youtube', 'UCother' || i, '{}', 'succeeded', '["comments"]', '{}', '', 'a', '${at}', '${at}' from n;
    with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count} - 1)
      insert into sync_tasks (job_id, kind, stream, external_id, status, items, reason)
      select 1000 + i % 1000, 'comments', 'comments', 'other' || i, iif(i % 30, 'succeeded', 'skipped'), i % 40, iif(i % 30, null, 'comments-disabled') from n;
  `)
  db.close()
}

/** The reports of a large file: as processes, and by a server, beside which others ask; then what memory it takes when many read. */
export async function* measureReports(
  path: string,
  env: Readonly<Record<string, string>>,
): AsyncIterable<Figure> {
  const reach = { most: 300 }
  for (const args of [
    ['status', '--run', '1'],
    ['status', '--run', '1000'],
    ['diff', '--run', '1'],
  ]) {
    const { wallMs } = await measured([...args, '--db', path])
    yield {
      name: `report: ${args.join(' ')}`,
      value: wallMs,
      unit: 'ms',
      reach,
      note: 'the whole process',
      isStable: false,
    }
  }
  await using server = await startServer({ args: ['--db', path], env })
  for (const asked of ['/v1/runs/1', '/v1/runs/1000', '/v1/runs?limit=50']) {
    let waited = 0
    let isOver = false
    const watching = (async () => {
      while (!isOver) {
        const began = performance.now()
        await server.ask('/health')
        waited = Math.max(waited, performance.now() - began)
        await pause(5)
      }
    })()
    const began = performance.now()
    await (await server.ask(asked)).text()
    const took = performance.now() - began
    isOver = true
    await watching
    yield {
      name: `report: GET ${asked}`,
      value: took,
      unit: 'ms',
      reach,
      note: `others waited ${waited.toFixed(0)} ms at most`,
      isStable: false,
    }
  }
  const reading = autocannon({
    url: server.origin,
    connections: 10,
    overallRate: READS_A_SECOND,
    duration: READING_FOR_S,
    headers: { authorization: `Bearer ${TOKEN}` },
    requests: [{ path: '/v1/jobs/1/results/comments?limit=100' }, { path: '/v1/runs/1000' }],
  })
  const { latency, requests } = await reading
  const peak = peakOf(server.running.pid)
  yield {
    name: 'memory: serve under readers',
    value: peak ?? Number.NaN,
    unit: 'MB',
    reach: { most: 250 },
    note: `${requests.average.toFixed(0)} reads a second, p99 ${latency.p99} ms`,
    isStable: true,
  }
}
