import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Range } from '../../src/core/price.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

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
    file: folder.file,
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
    name: 'many and small, others read before',
    network: 'youtube',
    ids: sandbox => others(sandbox, 'youtube', 30, 50),
    flags: [],
    before: scene => scene.run(others(scene.sandbox, 'youtube', 0, 30), '--scope', 'all'),
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
    { timeout: 300_000, tags: ['long'] },
    async ({ name, network, flags, ids: idsOf, before }) => {
      await using scene = await openScene(network)
      const ids = idsOf(scene.sandbox)
      const unknown = await scene.plan(ids, '--scope', 'all', ...flags)
      await before?.(scene)
      const tookBefore = await scene.run(ids, '--scope', 'posts')
      const known = await scene.plan(ids, '--scope', 'all', ...flags)
      const took = await scene.run(ids, '--scope', 'all', ...flags)
      const off = known.units.likely / took - 1
      const { low, high } = unknown.units
      const percent = `${off < 0 ? '−' : ''}${Math.abs(off * 100).toFixed(1)} %`
      figures.push(`| ${network} | ${name} | ${low}–${high} | ${known.units.likely} | ${took} | ${percent} |`)
      // What is paid once (days of insights) was paid with the posts.
      expect([low <= tookBefore + took, took <= high]).toEqual([true, true])
      expect([known.units.low <= took, took <= known.units.high]).toEqual([true, true])
      expect(Math.abs(off)).toBeLessThanOrEqual(0.05)

      scene.sandbox.advance(DAY_MS)
      const night = await scene.plan(ids, '--scope', 'all', ...flags)
      const tookAtNight = await scene.run(ids, '--scope', 'all', ...flags)
      figures.push(`| ${network} | the night after | | ${night.units.likely} | ${tookAtNight} | |`)
      expect([night.units.low <= tookAtNight, tookAtNight <= night.units.high]).toEqual([true, true])
    },
  )
})

describe('plan', () => {
  const ids = [channels.old, channels.prolific]

  it('makes and fetches nothing, and says what it took for what it does not know', async () => {
    await using scene = await openScene('youtube')
    const told = await scene.plan(ids, '--scope', 'all')
    expect(existsSync(scene.db)).toBe(false)
    expect(told.networks[0]?.assumptions.map(({ name, measured_on }) => [name, measured_on])).toEqual([
      ['posts_per_profile', 0],
      ['comments_per_post', 0],
      ['threads_per_comment', 0],
      ['reply_calls_per_comment', 0],
    ])
    const { stdout } = await scene.call('plan', ids, ['--scope', 'all'])
    expect(stdout).toMatch(/^plan {6}run --scope all · nothing was fetched$/m)
    expect(stdout).toMatch(/^assumed {3}0–5,000, likely 200 posts of a profile$/m)
    expect(stdout).toMatch(/units of the 10,000 a day; today 10,000 are left/)
    expect(existsSync(scene.db)).toBe(false)
  })

  it('--probe reads the profiles that are not stored, one call for both, and keeps them', async () => {
    await using scene = await openScene('youtube')
    const before = scene.used()
    const probed = await scene.call('plan', ids, ['--scope', 'posts', '--probe', '--json', '--quiet'])
    expect(probed).toMatchObject({ code: 0 })
    expect(scene.used() - before).toBe(1)
    expect(JSON.parse(probed.stdout).plan).toMatchObject({ probe_run: '1', networks: [{ stored: 2 }] })
    expect(query(scene.db, 'select count(*) as stored from profiles')).toEqual([{ stored: 2 }])
    const again = await scene.call('plan', ids, ['--scope', 'posts', '--probe', '--json', '--quiet'])
    expect(JSON.parse(again.stdout).plan).toMatchObject({ probe_run: null })
    expect(scene.used() - before).toBe(1)
    // Now the number of posts is known: 40 and 137, of which each page costs two.
    expect(JSON.parse(again.stdout).plan.units).toEqual({ low: 9, likely: 9, high: 9 })
    expect(await scene.run(ids, '--scope', 'posts')).toBe(9)
  })

  it('--probe reads of a long list what is not stored, each profile once, and asks for nothing that is', async () => {
    await using scene = await openScene('youtube')
    const stored = others(scene.sandbox, 'youtube', 0, 120)
    await scene.run(stored.slice(0, 100), '--scope', 'profile')
    // None of these is there, and the file learns that as well.
    const gone = Array.from({ length: 1_300 }, (_, i) => `UC${String(i).padStart(20, '0')}xA`)
    const list = scene.file('list.txt')
    writeFileSync(list, [...gone, ...stored, ...gone.slice(0, 600)].map(id => `youtube:${id}`).join('\n'))
    const before = scene.used()
    const flags = ['--ids', list, '--scope', 'profile', '--probe', '--json', '--quiet']
    const { code, stdout, stderr } = await scene.call('plan', [], flags)
    expect(code, stderr).toBe(0)
    const { probe_run, networks: told } = JSON.parse(stdout).plan
    expect(told).toMatchObject([{ profiles: 1_420, stored: 1_420 }])
    const probed = query(
      scene.db,
      `select status, count(*) as n from sync_jobs where run_id = ${probe_run} group by 1`,
    )
    expect(Object.fromEntries(probed.map(({ status, n }) => [status, n]))).toEqual({
      skipped: 1_300,
      succeeded: 20,
    })
    // One call more confirms that an answer without any of fifty channels is to be believed.
    const calls = Math.ceil(1_320 / 50) + 1
    expect(scene.used() - before).toBe(calls)
    const again = await scene.call('plan', [], flags)
    expect(JSON.parse(again.stdout).plan).toMatchObject({ probe_run: null })
    expect(scene.used() - before).toBe(calls)
  }, 120_000)

  it('holds the run against what is left today, and says on which day it would be through', {
    tags: ['long'],
  }, async () => {
    await using scene = await openScene('youtube')
    await scene.run([channels.prolific], '--scope', 'posts')
    scene.sandbox.advance(60_000)
    const env = { ...scene.sandbox.env, SOCSYNC_YOUTUBE_DAILY_UNITS: '10' }
    const flags = ['plan', '--network', 'youtube', '--db', scene.db, channels.prolific, '--full-every', '0s']
    const { stdout } = await socsync(flags, { env })
    expect(stdout).toContain(
      '7 units of the 10 a day; today 3 are left: 2 days of quota, done about 2026-10-02',
    )
  })

  it('prices what an unfinished job left, and no more', async () => {
    await using scene = await openScene('youtube')
    const cut = ['--scope', 'posts', '--budget', '4', '--concurrency', '1', '--quiet']
    expect((await scene.call('run', [channels.prolific], cut)).code).toBe(3)
    const told = await scene.plan([channels.prolific], '--scope', 'posts')
    expect(told.units.likely).toBe(4)
    expect(told.networks[0]).toMatchObject({ continued: 1 })
  })
})

describe('--budget', () => {
  it('refuses a run that would cost more at the least: exit 6, both numbers, nothing made, nothing spent', async () => {
    await using scene = await openScene('youtube')
    const ids = others(scene.sandbox, 'youtube', 0, 60)
    const before = scene.used()
    const refused = await scene.call('run', ids, ['--scope', 'posts', '--budget', '20'])
    expect(refused).toMatchObject({ code: 6, stdout: '' })
    expect(refused.stderr).toMatch(
      /^socsync: the run would cost at least 62 units, and --budget allows 20: nothing was spent$/m,
    )
    expect(scene.used()).toBe(before)
    expect(existsSync(scene.db)).toBe(false)
    const planned = await scene.call('plan', ids, ['--scope', 'posts', '--budget', '20'])
    expect(planned).toMatchObject({ code: 6, stderr: '' })
    expect(planned.stdout).toMatch(/^budget {4}20 units: too little/m)
  })

  it('refuses a run over what is stored, and adds no run to the file', { tags: ['long'] }, async () => {
    await using scene = await openScene('youtube')
    await scene.run([channels.prolific], '--scope', 'posts')
    const again = ['--scope', 'posts', '--full-every', '0s', '--quiet', '--budget']
    expect((await scene.call('run', [channels.prolific], [...again, '6'])).code).toBe(6)
    expect(query(scene.db, 'select count(*) as runs from sync_runs')).toEqual([{ runs: 1 }])
    expect((await scene.call('run', [channels.prolific], [...again, '7'])).code).toBe(0)
  })

  it('is a portion for resume: what is left goes on in the next', async () => {
    await using scene = await openScene('youtube')
    const cut = ['--scope', 'posts', '--budget', '3', '--concurrency', '1', '--quiet']
    expect((await scene.call('run', [channels.prolific], cut)).code).toBe(3)
    const rest = (): Promise<Ended> => {
      scene.sandbox.advance(60_000)
      return socsync(['resume', '--all', '--db', scene.db, '--budget', '2', '--quiet'], {
        env: scene.sandbox.env,
      })
    }
    expect((await rest()).code).toBe(3)
    expect((await rest()).code).toBe(0)
    expect(query(scene.db, 'select count(*) as posts from posts')).toEqual([{ posts: 137 }])
  })
})
