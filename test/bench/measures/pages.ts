import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startProgram, tempFolder } from '../../support/cli.ts'
import type { Call } from '../bare.ts'
import { type Figure, type Measure, median } from '../figure.ts'
import { measured } from '../measured.ts'
import { type Process, profileOf, startStandIn } from '../processes.ts'

/** Comments of one profile at full size: 400 pages of YouTube's and TikTok's, 800 of Instagram's. */
const POSTS = 40
const COMMENTS_OF_POST = 1000

const NETWORKS = ['instagram', 'youtube', 'tiktok'] as const

interface Times {
  readonly wallMs: number
  readonly cpuMs: number
}

/**
 * Comment pages of a run and of a bare loop that makes the same calls, reads the same JSON exactly and writes the same rows by prepared
 * upserts under the same pragmas, one transaction a page. Each is a process of its own, without its start; in turns. TikTok's calls are
 * paced by the clock, so its figure is the processor time of both.
 */
export const pages: Measure = {
  name: 'pages',
  async *measure({ scale, rounds }) {
    const posts = Math.max(1, Math.round(POSTS * scale))
    await using standIn = await startStandIn({ posts, comments: COMMENTS_OF_POST })
    for (const network of NETWORKS) {
      const ratios = { wallMs: [] as number[], cpuMs: [] as number[] }
      let note = ''
      for (let round = 0; round < rounds; round++) {
        const { run, bare, calls } = await compare(standIn, network)
        for (const part of ['wallMs', 'cpuMs'] as const) ratios[part].push(bare[part] / run[part])
        const each = (ms: number): string => (ms / calls).toFixed(2)
        note = `${calls} calls, the last round: ${each(run.wallMs)} ms a call, ${each(run.cpuMs)} of processor; bare ${each(bare.wallMs)}, ${each(bare.cpuMs)}`
      }
      const isPaced = network === 'tiktok'
      const value = median(isPaced ? ratios.cpuMs : ratios.wallMs)
      yield {
        name: `comment pages, 0 ms, ${network}`,
        value,
        unit: '×',
        reach: { least: 0.75 },
        note: `of the bare loop${isPaced ? ', processor time' : `; of its processor time ${median(ratios.cpuMs).toFixed(2)}`} · ${note}`,
        isStable: true,
      } satisfies Figure
    }
  },
}

const compare = async (
  { origin, env }: Process,
  network: string,
): Promise<{ readonly run: Times; readonly bare: Times; readonly calls: number }> => {
  using folder = tempFolder()
  const db = folder.file('run.db')
  const args = (id: number): string[] => ['run', '--network', network, '--quiet', profileOf(network, id)]
  const start = await measured([...args(1), '--scope', 'profile', '--db', folder.file('none.db')], env)
  await fetch(`${origin}/log`, { method: 'DELETE' })
  const run = await measured([...args(0), '--scope', 'comments', '--db', db], env)
  const { calls } = (await (await fetch(`${origin}/log`)).json()) as { calls: Call[] }
  const plan = folder.file('plan.json')
  const bareEnv = { SOCSYNC_INSTAGRAM_BASE_URL: origin }
  writeFileSync(plan, JSON.stringify({ calls, from: db, to: folder.file('bare.db'), env: bareEnv }))
  const { stdout, stderr, code } = await startProgram(process.execPath, [BARE, plan]).ended
  if (code !== 0) throw new Error(`the bare loop ended with ${code}: ${stderr}`)
  return {
    run: { wallMs: run.wallMs - start.wallMs, cpuMs: run.cpuMs - start.cpuMs },
    bare: JSON.parse(stdout) as Times,
    calls: calls.length,
  }
}

const BARE = fileURLToPath(new URL('../bare-process.ts', import.meta.url))
