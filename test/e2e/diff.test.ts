import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { parseCsv } from '../support/csv.ts'
import { copyDatabase } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

const DAY = 86_400_000

const folder = tempFolder()
const db = folder.file('socsync.db')
/** The file as it was before and after a night. */
const second = { before: folder.file('1.db'), after: folder.file('2.db'), rows: [] as Cells[] }
const third = { before: folder.file('2-spoilt.db'), after: db }
let sandbox: TestSandbox

/** Between the second and the third night. */
const GONE = '2026-10-08T00:00:00.000Z'

const spoil = (sql: string, file = db): void => {
  const writing = openWrite(file)
  writing.exec(sql)
  writing.close()
}

type Cells = Record<string, string | null>

const call = async (...args: readonly string[]): Promise<Ended> => {
  const ended = await socsync([...args, '--db', db], { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  return ended
}

const rows = async (...args: readonly string[]): Promise<Cells[]> =>
  parseCsv((await call('diff', '--format', 'csv', ...args)).stdout)

const night = async (): Promise<void> => {
  const ids = ['instagram', 'youtube', 'tiktok'].flatMap(network =>
    sandbox.entities(network, 5).map(id => `${network}:${id}`),
  )
  await call('run', '--scope', 'all', '--full-every', '1d', '--quiet', ...ids)
  sandbox.advance(4 * DAY)
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks: [instagram, youtube, tiktok], moving: true })
  await night()
  copyDatabase(db, second.before)
  await night()
  copyDatabase(db, second.after)
  second.rows = await rows()
  spoil(`update posts set missing_since = '${GONE}' where id in
    (select id from posts where network = 'instagram' order by created_at desc limit 3)`)
  copyDatabase(db, third.before)
  await night()
}, 240_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const TABLES = { profile: 'profiles', post: 'posts', comment: 'comments', media: 'media' } as const
type Subject = keyof typeof TABLES
const TEXTS = { profile: ['name', 'bio'], post: ['title', 'caption'], comment: ['content'], media: [] }
const COUNTERS = {
  profile: ['followers_count', 'following_count', 'posts_count', 'likes_count', 'views_count'],
  post: ['like_count', 'comments_count', 'view_count', 'share_count', 'save_count'],
  comment: [],
  media: [],
}

/** What is otherwise in a later file, told as `diff` should tell it. */
const differencesOf = (earlier: string, later: string): string[] =>
  (Object.keys(TABLES) as Subject[]).flatMap(subject => {
    const read = (file: string): Map<string, Row> =>
      new Map(
        query(file, `select * from ${TABLES[subject]}`).map(row => [
          subject === 'media' ? `${row.network} ${row.post_id} ${row.position}` : `${row.network} ${row.id}`,
          row,
        ]),
      )
    const before = read(earlier)
    return [...read(later)].flatMap(([key, row]) => {
      const old = before.get(key)
      const said = (change: string, ...rest: unknown[]): string =>
        [change, subject, row.network, row.id, ...rest].join(' | ')
      const found: string[] = []
      if (old === undefined && subject !== 'media') found.push(said('new'))
      if (row.missing_since !== null && old?.missing_since == null) found.push(said('gone'))
      if (old === undefined) return found
      if (row.missing_since === null && old.missing_since !== null && subject !== 'media')
        found.push(said('back'))
      for (const field of TEXTS[subject])
        if (old[field] !== null && old[field] !== row[field])
          found.push(said('edited', field, old[field], row[field]))
      for (const field of COUNTERS[subject])
        if (old[field] !== row[field]) found.push(said('moved', field, old[field], row[field]))
      return found
    })
  })

const told = (cells: readonly Cells[]): string[] =>
  cells
    // Insights have no column to compare with.
    .filter(({ change, field }) => change !== 'moved' || /_count$/.test(field ?? ''))
    .map(({ change, subject, network, subject_id: id, field, before, after, from, to }) =>
      [
        change,
        subject,
        network,
        id,
        ...(change === 'edited' ? [field, before, after] : []),
        ...(change === 'moved' ? [field, from, to] : []),
      ].join(' | '),
    )

/** What is in one of two lists alone, some of it. */
const apart = (one: readonly unknown[], other: readonly unknown[]): string[] => {
  const [left, right] = [one, other].map(list => list.map(item => JSON.stringify(item)).sort()) as [
    string[],
    string[],
  ]
  const [inLeft, inRight] = [new Set(left), new Set(right)]
  const only = [...left.filter(item => !inRight.has(item)), ...right.filter(item => !inLeft.has(item))]
  return left.length === right.length
    ? only.slice(0, 10)
    : [`${left.length}, not ${right.length}`, ...only.slice(0, 10)]
}

const kindsOf = (lines: readonly string[]): Set<string> =>
  new Set(lines.map(line => line.split(' | ').slice(0, 2).join(' ')))

describe('every change once, and nothing else', () => {
  it('of a night', () => {
    const expected = differencesOf(second.before, second.after)
    const kinds = ['new post', 'new comment', 'gone comment', 'edited post', 'moved profile', 'moved post']
    expect([...kindsOf(expected)]).toEqual(expect.arrayContaining(kinds))
    expect(apart(told(second.rows), expected)).toEqual([])
  })

  it('of the next, with what is back again', async () => {
    const expected = differencesOf(third.before, third.after)
    expect(expected.filter(line => line.startsWith('back | post'))).toHaveLength(3)
    const found = await rows()
    expect(apart(told(found), expected)).toEqual([])
    const back = found.filter(({ change }) => change === 'back')
    expect(back.map(({ before }) => before)).toEqual([GONE, GONE, GONE])
  })

  it('of an earlier night, as it was told then', async () => {
    const asThen = ({ text: _text, profile: _profile, ...cells }: Cells): Cells => cells
    const again = await rows('--run', '2')
    expect(apart(again.map(asThen), second.rows.map(asThen))).toEqual([])
  })

  it('since a moment, a day, and for so long', async () => {
    const [run] = query(db, 'select created_at from sync_runs where id = 3')
    const night = await rows('--run', '3')
    expect(apart(await rows('--since', String(run?.created_at)), night)).toEqual([])
    expect(apart(await rows('--since', '2026-10-09'), night)).toEqual([])
    const all = await rows('--since', '36500d', '--network', 'youtube')
    const [stored] = query(db, `select count(*) as n from posts where network = 'youtube'`)
    const posts = all.filter(({ change, subject }) => change === 'new' && subject === 'post')
    expect(posts).toHaveLength(Number(stored?.n))
    expect(all.filter(({ change }) => change === 'moved')).toEqual([])
  })

  it('of one network, and of one profile by its key or its id', async () => {
    const all = await rows('--run', '2')
    const tiktoks = all.filter(({ network }) => network === 'tiktok')
    expect(apart(await rows('--run', '2', '--network', 'tiktok'), tiktoks)).toEqual([])
    const entities = query(
      db,
      'select * from entities where profile_id is not null and profile_id <> entity_id',
    )
    const [entity] = entities.filter(({ network }) => network === 'instagram')
    const mine = all.filter(({ profile_id: id }) => id === entity?.profile_id)
    expect(mine.length).toBeGreaterThan(1)
    expect(apart(await rows('--run', '2', '--entity', String(entity?.entity_id)), mine)).toEqual([])
    expect(apart(await rows('--run', '2', '--entity', String(entity?.profile_id)), mine)).toEqual([])
  })
})

interface Summary {
  readonly counts: readonly { change: string; network: string; subject: string; count: number }[]
  readonly new: readonly object[]
  readonly new_comments: readonly { post_id: string; comments: number }[]
  readonly edited: readonly object[]
  readonly moved: readonly {
    subject: string
    field: string
    up: number
    down: number
    hidden: number
    shown: number
    largest: readonly { subject_id: string; from: number; to: number; difference: number; percent: number }[]
  }[]
}

const summary = async (...args: readonly string[]): Promise<Summary> =>
  JSON.parse((await call('diff', '--json', ...args)).stdout)

describe('the summary', () => {
  it('counts what the rows are, and names the largest', async () => {
    const { counts, moved, new_comments: commented, ...lists } = await summary('--run', '2', '--limit', '3')
    const sums = new Map<string, number>()
    for (const { change, network, subject } of second.rows) {
      const key = `${change} ${network} ${subject}`
      sums.set(key, (sums.get(key) ?? 0) + 1)
    }
    expect(new Map(counts.map(one => [`${one.change} ${one.network} ${one.subject}`, one.count]))).toEqual(
      sums,
    )
    expect(lists.new).toHaveLength(3)
    expect(lists.edited).toHaveLength(3)

    for (const mover of moved) {
      const all = second.rows.filter(
        ({ change, subject, field }) =>
          change === 'moved' && subject === mover.subject && field === mover.field,
      )
      expect(mover.up + mover.down + mover.hidden + mover.shown).toBe(all.length)
      const sizes = all.map(({ difference }) => Math.abs(Number(difference))).sort((a, b) => b - a)
      expect(mover.largest.map(({ difference }) => Math.abs(difference))).toEqual(sizes.slice(0, 3))
      for (const { from, to, difference, percent } of mover.largest) {
        expect(to - from).toBe(difference)
        if (from > 0) expect(percent).toBeCloseTo((100 * difference) / from, 2)
      }
    }

    const ofPost = (id: string): number =>
      second.rows.filter(
        ({ change, subject, post_id: post }) => `${change} ${subject} ${post}` === `new comment ${id}`,
      ).length
    expect(commented.map(({ comments }) => comments)).toEqual(commented.map(({ post_id: id }) => ofPost(id)))
    expect(commented[0]?.comments).toBeGreaterThanOrEqual(commented[2]?.comments ?? 0)
  })

  it('is a screen without a control character', async () => {
    const { stdout } = await call('diff')
    for (const word of ['diff', 'new', 'edited', 'back', 'moved', 'all'])
      expect(stdout).toMatch(new RegExp(`^${word} `, 'm'))
    expect(stdout).toContain('socsync diff --run 3 --format csv')
    expect(stdout).toMatch(/followers_count of \d+ profiles · \d+ up/)
    expect(stdout).toMatch(/ [+−][\d,]+ \([+−][\d.,]+ %\)/)
    expect(stdout).toMatch(/post \d+ of \S+ .*· gone since 2026-10-08 00:00 UTC, seen 2026-10-09/)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('of nothing says so', async () => {
    expect((await call('diff', '--since', '2099-01-01')).stdout).toContain('nothing changed')
  })
})

it('a counter that was hidden or shown is told as that; a heartbeat, or a way and back, is no change', async () => {
  const copy = folder.file('counters.db')
  copyDatabase(db, copy)
  const [hidden, shown, beat, wave] = query(
    copy,
    `select id from posts where network = 'youtube' and like_count > 0 and missing_since is null limit 4`,
  ).map(({ id }) => String(id))
  const entry = (id: string | undefined, at: string, value: string): string =>
    `('youtube', 'post', '${id}', 'like_count', '2030-0${at}-01T00:00:00.000Z', ${value})`
  spoil(
    `update posts set fetched_at = '2030-04-01T00:00:00.000Z' where id in ('${hidden}', '${shown}', '${beat}', '${wave}');
    insert into metrics values ${[
      entry(hidden, '1', '50'),
      entry(hidden, '3', 'null'),
      entry(shown, '1', 'null'),
      entry(shown, '3', '70'),
      entry(beat, '1', '5'),
      entry(beat, '3', '5'),
      entry(wave, '1', '5'),
      entry(wave, '3', '9'),
      entry(wave, '4', '5'),
    ].join()}`,
    copy,
  )
  const since = ['diff', '--db', copy, '--since', '2030-02-01']
  const { moved } = JSON.parse((await socsync([...since, '--json'])).stdout) as Summary
  expect(moved).toMatchObject([{ field: 'like_count', up: 0, down: 0, hidden: 1, shown: 1 }])
  expect(moved[0]?.largest).toMatchObject([
    ...[
      { subject_id: hidden, from: 50, to: null },
      { subject_id: shown, from: null, to: 70 },
    ].sort((a, b) => (String(a.subject_id) < String(b.subject_id) ? -1 : 1)),
  ])
  const { stdout } = await socsync(since)
  expect(stdout).toMatch(/50 +→ +not told +hidden/)
  expect(stdout).toMatch(/not told +→ +70 +shown/)
})
