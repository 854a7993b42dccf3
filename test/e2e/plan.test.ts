import { afterAll, describe, expect, it } from 'vitest'
import type { Range } from '../../src/core/price.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

const DAY_MS = 86_400_000

/** A sandbox and a file of one network; each command is a process of its own, a minute after the one before. */
const openScene = async (network: string) => {
  const sandbox: TestSandbox = await startSandbox({ networks })
  const folder = tempFolder()
  const db = folder.file('socsync.db')
  const call = (command: string, ids: readonly string[], flags: readonly string[]): Promise<Ended> => {
    sandbox.advance(60_000)
    return socsync([command, '--network', network, '--db', db, ...flags, ...ids], { env: sandbox.env })
  }
  /** As the network itself counts. */
  const used = (): number =>
    (sandbox.sandboxes.get(network)?.quota() ?? []).reduce((sum, pool) => sum + pool.used, 0)
  return {
    sandbox,
    db,
    used,
    call,
    /** Runs to the end, and gives the units that it took. */
    async run(ids: readonly string[], ...flags: string[]): Promise<number> {
      const before = used()
      const ended = await call('run', ids, ['--quiet', ...flags])
      expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 })
      return used() - before
    },
    async plan(ids: readonly string[], ...flags: string[]): Promise<Told> {
      const before = used()
      const ended = await call('plan', ids, ['--json', ...flags])
      expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' })
      expect(used()).toBe(before)
      return JSON.parse(ended.stdout).plan
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

interface Told {
  readonly units: Range
  readonly networks: readonly {
    readonly costs: readonly { readonly kind: string; readonly pool: string; readonly calls: Range }[]
    readonly assumptions: readonly { readonly name: string; readonly measured_on: number }[]
    readonly pools: readonly { readonly left: number | null; readonly windows: number | null }[]
  }[]
}

interface Shape {
  readonly name: string
  readonly network: string
  ids(sandbox: TestSandbox): readonly string[]
  readonly flags: readonly string[]
  /** What the file holds of the network before: where replies are read apart, only comments that are stored say how often. */
  before?(scene: Awaited<ReturnType<typeof openScene>>): Promise<unknown>
}

const { channels } = YOUTUBE_SPECIALS
const own = ({ env }: TestSandbox): string => env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
const others = (sandbox: TestSandbox, network: string, from: number, to: number): readonly string[] =>
  sandbox.entities(network, to).slice(from)

const SHAPES: readonly Shape[] = [
  {
    name: 'few and huge, replies inline',
    network: 'youtube',
    ids: () => [channels.big, channels.prolific],
    flags: ['--replies', 'inline'],
  },
  {
    name: 'deep comments, 50 posts read before',
    network: 'youtube',
    ids: () => [channels.big],
    flags: [],
    before: scene => scene.run([channels.big], '--scope', 'all', '--limit-posts', '50'),
  },
  {
    name: 'many and small, as many read before',
    network: 'youtube',
    ids: sandbox => others(sandbox, 'youtube', 20, 50),
    flags: [],
    before: scene => scene.run(others(scene.sandbox, 'youtube', 0, 20), '--scope', 'all'),
  },
  {
    name: 'few and huge',
    network: 'instagram',
    ids: () => ['hollow.middle', 'two.pages.of.50'],
    flags: [],
  },
  {
    name: 'many and small',
    network: 'instagram',
    ids: sandbox => others(sandbox, 'instagram', 2, 60),
    flags: [],
  },
  {
    name: 'deep comments, an own account',
    network: 'instagram',
    ids: sandbox => [own(sandbox)],
    flags: [],
  },
  {
    name: 'few and huge',
    network: 'tiktok',
    ids: () => ['swept.shelf', 'ada.bakes'],
    flags: [],
  },
  {
    name: 'many and small',
    network: 'tiktok',
    ids: sandbox => others(sandbox, 'tiktok', 20, 32),
    flags: [],
  },
  { name: 'deep comments', network: 'tiktok', ids: () => ['busy.kitchen'], flags: [] },
]

describe('a plan before a run', () => {
  const figures: string[] = []
  afterAll(() => {
    const head = '| network | shape | before | posts stored | took | off |\n|---|---|---|---|---|---|'
    process.stdout.write(`${[head, ...figures].join('\n')}\n`)
  })

  it.each(SHAPES)(
    '$network, $name: a range that holds the units, and within 5 % of them once profile and posts are stored',
    async ({ name, network, flags, ids: idsOf, before }) => {
      await using scene = await openScene(network)
      const ids = idsOf(scene.sandbox)
      const unknown = await scene.plan(ids, '--scope', 'all', ...flags)
      await before?.(scene)
      await scene.run(ids, '--scope', 'posts')
      const known = await scene.plan(ids, '--scope', 'all', ...flags)
      const took = await scene.run(ids, '--scope', 'all', ...flags)
      const off = known.units.likely / took - 1
      const { low, high } = unknown.units
      const percent = `${off < 0 ? '−' : ''}${Math.abs(off * 100).toFixed(1)} %`
      figures.push(
        `| ${network} | ${name} | ${low}–${high} | ${known.units.likely} | ${took} | ${percent} |`,
      )
      expect([low <= took, took <= high]).toEqual([true, true])
      expect([known.units.low <= took, took <= known.units.high]).toEqual([true, true])
      expect(Math.abs(off)).toBeLessThanOrEqual(0.05)

      scene.sandbox.advance(DAY_MS)
      const night = await scene.plan(ids, '--scope', 'all', ...flags)
      const tookAtNight = await scene.run(ids, '--scope', 'all', ...flags)
      figures.push(
        `| ${network} | the night after | | ${night.units.likely} | ${tookAtNight} | |`,
      )
      expect([night.units.low <= tookAtNight, tookAtNight <= night.units.high]).toEqual([true, true])
    },
    300_000,
  )
})
