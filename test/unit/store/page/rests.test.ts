import { describe, expect, test } from 'vitest'
import { page } from '../../../../src/core/stream.ts'
import { perTest } from '../../../support/fresh.ts'
import { commentsOf, day, openScripted, PROFILE, postsPage } from '../../../support/scripted.ts'

const file = perTest(openScripted)

const jobs = () =>
  file()
    .rows('select status, previous_job_id as previous, reading_id as reading from sync_jobs order by id')
    .map(({ status, previous, reading }) => [status, previous, reading])
const lastTasks = () =>
  file().rows(`select stream, part != '' as is_rest, status, reason, failed_runs from sync_tasks
    where job_id = (select max(id) from sync_jobs) order by stream, part`)
const posts = () =>
  file()
    .rows('select id from posts order by id')
    .map(({ id }) => id)
const missing = () =>
  file()
    .rows('select id from posts where missing_since is not null')
    .map(({ id }) => id)
const watermark = () =>
  JSON.parse(String(file().rows('select watermarks from entities')[0]?.watermarks)).posts ?? null

const more = page({ next: 'deep' })
/** The newest posts of a list that goes on. */
const head = (ids: Readonly<Record<string, number>>) =>
  postsPage(ids, { tail: day(-Math.max(...Object.values(ids))), next: 'deep' })

/** With a new post, and a page on from there that is all known. */
const NEW_HEAD = [head({ c: 0, b: 2 }), { ...head({ a: 3 }), next: 'deeper' }]

describe('docs/design.md §5.11 fresh first: a list of posts whose second page fails', () => {
  const first = { profile: [PROFILE], posts: [head({ b: 2, a: 3 })] }

  test('is read at its head each night, down to where it was read before', async () => {
    await file().read({ pages: first, fails: { posts: 'place kept' } })
    const walked = await file().read({
      pages: { profile: [PROFILE], posts: NEW_HEAD, 'posts rest': [] },
      fails: { 'posts rest': 'place kept' },
    })
    expect(walked).toEqual(['profile', 'posts', 'posts rest'])
    expect(posts()).toEqual(['a', 'b', 'c'])
    expect(jobs()).toEqual([
      ['partial', null, 1],
      ['partial', 1, 2],
    ])
    expect(lastTasks()).toMatchObject([
      { stream: 'posts', is_rest: 0, status: 'succeeded' },
      { stream: 'posts', is_rest: 1, status: 'failed', failed_runs: 2 },
      { stream: 'profile', status: 'succeeded' },
    ])
    expect(watermark()).toBeNull()
  })

  test('is left alone on the nights between, and whole but for a named gap from the third failed run on', async () => {
    const night = {
      pages: { profile: [PROFILE], posts: [head({ b: 2, a: 3 })], 'posts rest': [] },
      fails: { 'posts rest': 'place kept' },
    } as const
    await file().read({ pages: first, fails: { posts: 'place kept' } })
    const walked = []
    for (let n = 1; n < 9; n++) walked.push((await file().read(night)).includes('posts rest'))
    expect(walked).toEqual([true, false, true, false, false, false, true, false])
    expect(jobs().map(([status]) => status)).toEqual([
      ...['partial', 'partial', 'partial', 'succeeded', 'succeeded'],
      ...['succeeded', 'succeeded', 'succeeded', 'succeeded'],
    ])
    expect(lastTasks()[1]).toMatchObject({ status: 'skipped', reason: 'unavailable', failed_runs: 4 })
  })

  test('that is longer than its head each night is two parts all the same, and comes whole', async () => {
    const sick = { fails: { posts: 'place kept', 'posts rest': 'place kept' } } as const
    await file().read({ pages: first, ...sick })
    for (let n = 1; n < 6; n++) {
      await file().read({
        pages: { profile: [PROFILE], posts: [head({ [`n${n}`]: -n })], 'posts rest': [] },
        ...sick,
      })
      expect(lastTasks().filter(({ stream }) => stream === 'posts').length).toBeLessThanOrEqual(2)
    }
    expect(lastTasks().at(0)).toMatchObject({ is_rest: 0, status: 'failed' })
    for (let n = 6; n < 26; n++) {
      const pages = {
        posts: [postsPage({ [`n${n}`]: -n }, { tail: day(-99) })],
        'posts rest': [postsPage({ z: 9 })],
      }
      await file().read({ pages: { profile: [PROFILE], ...pages } })
    }
    expect(posts()).toEqual(expect.arrayContaining(['a', 'b', 'n1', 'n5', 'n25', 'z']))
    expect(lastTasks().map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    expect(watermark()).toMatchObject({ from: null })
  })

  test('is covered with its rest: the watermark is that of the head that was read meanwhile', async () => {
    await file().read({ pages: first, fails: { posts: 'place kept' } })
    const older = postsPage({ z: 9 })
    await file().read({
      pages: { profile: [PROFILE], posts: NEW_HEAD, 'posts rest': [older] },
    })
    expect(posts()).toEqual(['a', 'b', 'c', 'z'])
    expect(watermark()).toMatchObject({ from: null, to: day(1), last_full_at: day(0) })
    expect(missing()).toEqual([])
    expect(await file().read({ pages: { profile: [PROFILE], posts: [head({ c: 0, b: 2, a: 3 })] } })).toEqual(
      ['profile', 'posts'],
    )
  })

  test('begins at page one where its place was lost, without calling gone what came before', async () => {
    await file().read({ pages: first, fails: { posts: 'place lost' } })
    await file().read({
      pages: {
        profile: [PROFILE],
        posts: NEW_HEAD,
        'posts rest': [head({ c: 0, b: 2, a: 3 }), postsPage({ z: 9 })],
      },
    })
    expect(posts()).toEqual(['a', 'b', 'c', 'z'])
    expect(missing()).toEqual([])
    expect(watermark()).toMatchObject({ from: null, to: day(1) })
  })

  test('has its stored posts looked up all the same, and so has one whose first page fails', async () => {
    await file().read({ pages: { profile: [PROFILE], posts: [postsPage({ a: 3 })] }, asks: 'stale' })
    const walked = await file().read({
      pages: { profile: [PROFILE], posts: [], 'look-up': [more] },
      fails: { posts: 'place kept', 'look-up': 'place kept' },
      asks: 'stale',
    })
    expect(walked).toEqual(['profile', 'posts', 'look-up'])
  })
})

describe('docs/design.md §5.11 fresh first: a list of comments whose second page fails', () => {
  const first = ['comments', 'comments rest']
  /** A post of a month ago that declares so many comments. */
  const post = (declared: number) => ({
    profile: [PROFILE],
    posts: [{ ...postsPage({ p: 30 }), children: [commentsOf('p', declared)] }],
  })
  const comments = (ids: Readonly<Record<string, number>>) =>
    page({
      records: Object.entries(ids).map(([id, days]) => ({
        ...{ type: 'comment', id, postId: 'p', parentId: null, createdAt: day(-days), content: id },
      })),
      tail: day(-Math.max(...Object.values(ids))),
      next: `below ${Object.keys(ids)}`,
    })
  const stored = () =>
    file()
      .rows('select id from comments order by id')
      .map(({ id }) => id)
  const read = () => file().rows('select comments_synced_at as at, comments_declared as of from posts')[0]

  test('is read at its head where its number moved, and whole when the rest is there', async () => {
    const sick = { fails: { comments: 'place kept', 'comments rest': 'place kept' } } as const
    await file().read({ pages: { ...post(3), comments: [comments({ b: 2 })] }, ...sick })
    // The number moved: what is above the place is read, and no further.
    const pages = { ...post(4), comments: [comments({ c: -1, b: 2 })], 'comments rest': [] }
    expect(await file().read({ pages, ...sick })).toEqual(['profile', 'posts', ...first])
    expect([stored(), read()]).toEqual([['b', 'c'], { at: null, of: null }])
    // What is open of the comments keeps nothing of the posts open.
    expect(watermark()).toMatchObject({ from: null, to: day(1) })
    // It did not, and the rest is not due.
    expect(await file().read({ pages, ...sick })).toEqual(['profile', 'posts'])
    const healed = {
      ...post(5),
      comments: [comments({ d: -3, c: -1, b: 2 })],
      'comments rest': [{ ...comments({ a: 9 }), next: null }],
    }
    expect(await file().read({ pages: healed })).toEqual(['profile', 'posts', ...first])
    expect([stored(), read()]).toMatchObject([['a', 'b', 'c', 'd'], { of: 5 }])
    expect(await file().read({ pages: healed })).toEqual(['profile', 'posts'])
  })
})

describe('docs/design.md §5.11 fresh first: a known profile whose own page fails', () => {
  test('has its posts read, also on the nights on which its page is left alone', async () => {
    await file().read({ pages: { profile: [PROFILE], posts: [postsPage({ a: 3 })] } })
    const sick = { fails: { profile: 'place kept' } } as const
    const walked = []
    for (let n = 0; n < 4; n++) {
      walked.push(
        await file().read({ pages: { profile: [], posts: [postsPage({ a: 3, [`n${n}`]: 0 })] }, ...sick }),
      )
    }
    expect(walked).toEqual([['profile', 'posts'], ['posts', 'profile'], ['posts'], ['posts', 'profile']])
    expect(posts()).toEqual(['a', 'n0', 'n1', 'n2', 'n3'])
  })
})
