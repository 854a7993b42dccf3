import { tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { measured } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

const LATENCY_MS = 50
/** Posts of the profile, and comment pages of each. */
const SHAPES = [
  { concurrency: 1, posts: 10, pages: 4 },
  { concurrency: 10, posts: 60, pages: 8 },
  { concurrency: 50, posts: 200, pages: 8 },
] as const

/** A run whose calls take 50 ms each, without its start, against the time that its calls take alone. */
export const latency: Measure = {
  name: 'latency',
  async *measure({ scale }) {
    for (const { concurrency, posts, pages } of SHAPES) {
      using folder = tempFolder()
      await using standIn = await startStandIn({
        posts: Math.max(concurrency, Math.round(posts * scale)),
        comments: pages * 100,
        latencyMs: LATENCY_MS,
      })
      const run = async (scope: string, id: number): Promise<number> => {
        const args = ['run', '--network', 'youtube', '--scope', scope, '--concurrency', String(concurrency)]
        const db = folder.file(`${scope}.db`)
        const all = [...args, '--db', db, '--quiet', profileOf('youtube', id)]
        return (await measured(all, standIn.env)).wallMs
      }
      const start = (await run('profile', 1)) - LATENCY_MS
      await fetch(`${standIn.origin}/log`, { method: 'DELETE' })
      const took = (await run('comments', 0)) - start
      const { calls } = (await (await fetch(`${standIn.origin}/log`)).json()) as { calls: unknown[] }
      const ideal = (calls.length * LATENCY_MS) / concurrency
      yield {
        name: `comment pages, 50 ms, ${concurrency} in flight`,
        value: took / ideal,
        unit: '×',
        reach: { most: 1.1 },
        note: `of calls × 50 ms ÷ ${concurrency} · ${calls.length} calls in ${(took / 1000).toFixed(1)} s`,
        isStable: concurrency === 1,
      } satisfies Figure
    }
  },
}
