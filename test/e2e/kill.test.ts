import { describe, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { hash32 } from '../../src/networks/seeded.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { YOUTUBE_PLAYLISTS, YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, start, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { startAndSignal, until } from '../support/kill.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, openWrite, query, type Row, resultRows } from '../support/tables.ts'

const CONCURRENCY = 3

interface Case {
  readonly network: typeof instagram
  /** What to run: profiles whose pages are of every sort. */
  readonly command: readonly string[]
  readonly kills: number
  readonly callsPerPage: number
}

const { channels, threads } = YOUTUBE_SPECIALS
const INSTAGRAM: Case = {
  network: instagram,
  command: [
    'two.pages.of.50',
    'hollow.middle',
    'albums.only',
    'one.post',
    userId(1),
    userId(0),
    'nobody.here',
  ],
  kills: 20,
  callsPerPage: 1,
}
const CASES: readonly Case[] = [
  INSTAGRAM,
  {
    network: youtube,
    // One call looks all of them up, the handle excepted; from then on each walks alone.
    command: [
      ...[channels.members, channels.forms, channels.terminated, channels.hidden, '@ตลาดเช้า'],
      ...[...Object.values(threads).slice(0, 4), 'AAAAAAAAAAA'].map(id => `post:${id}`),
      // What a playlist asks for hangs on what was told of within the hour: test/e2e/playlists-youtube.test.ts.
      ...[YOUTUBE_PLAYLISTS.empty, YOUTUBE_PLAYLISTS.gone].map(id => `playlist:${id}`),
    ],
    kills: 8,
    callsPerPage: 3,
  },
  {
    network: tiktok,
    // All creators share one walk over windows of dates.
    command: [
      ...[
        'shelf.keeper',
        'pier.way47',
        'gone.author',
        'garden.letter65',
        'tag:bread',
        '--since',
        '2026-01-01',
      ],
      ...['--lists', 'pinned,reposted,followers'],
    ],
    kills: 8,
    callsPerPage: 1,
  },
]

/** The points that a page passes, in order (`src/app/config/crash-point.ts`). */
const POINTS = ['page.asked', 'page.fetched', 'page.written', 'page.committed']

/** The points of a series: the making of the jobs, those of pages in turn, and the making of their continuation. */
const pointsOf = (kills: number): readonly string[] => [
  'job.create:2',
  ...Array.from(
    { length: kills - 2 },
    (_, round) => `${POINTS[round % POINTS.length]}:${1 + (hash32('kill', round) % 4)}`,
  ),
  'job.create:1',
]

const folder = perTest(tempFolder)

const argsAt = (db: string, args: readonly string[]): string[] => [
  ...args,
  ...['--db', db, '--concurrency', String(CONCURRENCY), '--quiet'],
]
const runOf = ({ network, command }: Case): readonly string[] => [
  ...['run', '--network', network.name, '--scope', 'all'],
  ...command,
]

/** What an undisturbed run stores, and what it asks for. */
interface Undisturbed {
  readonly rows: Record<string, Row[]>
  readonly calls: number
  readonly requests: readonly string[]
}

const known = new Map<Case, Promise<Undisturbed>>()
/** Found out once for each network. */
const undisturbedOf = (one: Case): Promise<Undisturbed> => {
  const found = known.get(one) ?? runUndisturbed(one)
  known.set(one, found)
  return found
}

const runUndisturbed = async (one: Case): Promise<Undisturbed> => {
  await using sandbox = await startSandbox()
  const db = folder().file('undisturbed.db')
  const ended = await socsync(argsAt(db, runOf(one)), { env: sandbox.env })
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  return { rows: resultRows(db), calls: sandbox.log.calls.length, requests: requestsOf(sandbox) }
}

/** One sandbox, one file, and what was to be stored. */
const openScene = async (one: Case) => {
  const undisturbed = await undisturbedOf(one)
  const db = folder().file('killed.db')
  const sandbox = await startSandbox()
  return {
    sandbox,
    db,
    run: argsAt(db, runOf(one)),
    resumeAll: argsAt(db, ['resume', '--all']),
    /** What to call after a kill: jobs are continued, and where none was made yet the run is begun again. */
    next(): readonly string[] {
      const [jobs] = query(db, 'select count(*) as count from sync_jobs')
      return jobs?.count === 0 ? this.run : this.resumeAll
    },
    expectUndisturbed(kills: number): void {
      expect(resultRows(db)).toEqual(undisturbed.rows)
      expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
      const left = `select id, status from sync_jobs where status in ('running', 'pending')`
      expect(query(db, left)).toEqual([])
      expect(query(db, 'select entity_id from entities where lock_worker is not null')).toEqual([])
      expect(query(db, 'select id from workers')).toEqual([])
      expect(requestsOf(sandbox)).toEqual(undisturbed.requests)
      const inVain = sandbox.log.calls.length - undisturbed.calls
      expect(inVain).toBeLessThanOrEqual(kills * CONCURRENCY * one.callsPerPage)
      expect(sandbox.log.errors).toEqual([])
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  }
}

/** What was asked, each once and in no order; access tokens, which each process gets for itself, left out. */
const requestsOf = ({ log }: TestSandbox): readonly string[] =>
  [
    ...new Set(
      log.calls
        .filter(({ path }) => !path.includes('oauth'))
        .map(({ path, fields, body }) => `${path} ${JSON.stringify(fields)} ${body}`),
    ),
  ].sort()

describe.each(CASES)('docs/design.md §5.1 page-atomic: $network.name', scenery => {
  // The making of jobs, each point of a page, and the making of their continuation; then many more of them.
  for (const kills of [POINTS.length + 2, scenery.kills]) {
    const tags = kills === scenery.kills ? ['long'] : []
    const title = `killed at ${kills} seeded points and resumed at once, it stores what an undisturbed run stores`
    it(title, { timeout: 300_000, tags }, async () => {
      await using scene = await openScene(scenery)
      let args: readonly string[] = scene.run
      for (const point of pointsOf(kills)) {
        const killed = await socsync(args, { env: { ...scene.sandbox.env, SOCSYNC_CRASH_AT: point } })
        expect({ point, ...killed }).toMatchObject({ point, signal: 'SIGKILL' })
        args = scene.next()
      }
      const last = await socsync(args, { env: scene.sandbox.env })
      expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' })
      scene.expectUndisturbed(kills)
    })
  }
})

it('docs/design.md §5.1 page-atomic: killed at any moment whatever, between and within pages', async () => {
  await using scene = await openScene(INSTAGRAM)
  const kills = 6
  let args: readonly string[] = scene.run
  for (let round = 0; round < kills; round++) {
    const enough = scene.sandbox.log.calls.length + 1 + (hash32('moment', round) % 9)
    // A timer looks, so that the kill meets a page on its way, its transaction, or the gap between two.
    const isTime = (): boolean => scene.sandbox.log.calls.length >= enough
    const ended = await startAndSignal(args, { env: scene.sandbox.env }, isTime, 'SIGKILL')
    expect({ round, ...ended }).toMatchObject({ round, signal: 'SIGKILL' })
    args = scene.next()
  }
  const last = await socsync(args, { env: scene.sandbox.env })
  expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' })
  scene.expectUndisturbed(kills)
}, 120_000)

it('docs/design.md §5.1 fenced: a worker that was frozen and overtaken asks and writes nothing more', async () => {
  await using scene = await openScene(INSTAGRAM)
  const { sandbox, db } = scene
  // The sixth call is slow: while it is under way, no transaction is.
  sandbox.setSwitch('slow', { value: 1_000, after: 5, times: 1 })
  const frozen = start([...scene.run, '--concurrency', '1'], { env: sandbox.env })
  await until(frozen, () => sandbox.log.calls.length === 6)
  process.kill(frozen.pid, 'SIGSTOP')
  const file = openWrite(db)
  file.exec(`update workers set lease_expires_at = '2000-01-01T00:00:00.000Z'`)
  file.close()

  const overtaking = await socsync(scene.resumeAll, { env: sandbox.env })
  expect({ code: overtaking.code, stderr: overtaking.stderr }).toEqual({ code: 0, stderr: '' })
  const calls = sandbox.log.calls.length
  const jobs = query(db, 'select * from sync_jobs order by id')
  process.kill(frozen.pid, 'SIGCONT')
  const ended = await frozen.ended

  expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 4, signal: null })
  expect(ended.stderr).toContain('another process has gone on with this run')
  expect(sandbox.log.calls.length, 'calls of the overtaken worker').toBe(calls)
  expect(query(db, 'select * from sync_jobs order by id')).toEqual(jobs)
  scene.expectUndisturbed(1)
}, 120_000)
