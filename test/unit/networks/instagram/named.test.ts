import { describe, expect, it } from 'vitest'
import type { PostRecord } from '../../../../src/core/records.ts'
import type { Page, Source } from '../../../../src/core/stream.ts'
import { Lane } from '../../../../src/engine/lane.ts'
import { TOKENS } from '../../../../src/networks/instagram/sandbox/tokens.ts'
import { userId } from '../../../../src/networks/instagram/sandbox/world/ids.ts'
import { NOTHING_KNOWN } from '../../../support/known.ts'
import { taskRef } from '../../../support/task-ref.ts'
import { eachSandbox } from './each-sandbox.ts'
import { COMMENTS, openInstagram, PARAMS, requestFor, streamOf } from './harness.ts'

const NOBODYS = '18099999999999999'
/** The second own account of the world. */
const OTHER = userId(1)

const at = eachSandbox()

const own = (): string => at().sandbox.environment.SOCSYNC_INSTAGRAM_USER_ID ?? ''
const posts = (): readonly PostRecord[] =>
  at()
    .sandbox.truth('instagram', own())
    .filter((row): row is PostRecord => row.type === 'post' && row.kind !== 'story')
const ids = (count: number): readonly string[] =>
  posts()
    .slice(0, count)
    .map(({ id }) => id)

const open = (token: string = TOKENS.system, asker: string = own()): Source =>
  openInstagram({ access_token: token, user_id: asker }, at().openWith)

interface Read {
  readonly pages: readonly Page[]
  /** Units charged. */
  readonly units: number
  /** What was waited, in milliseconds. */
  readonly waits: readonly number[]
}

/** Reads the pages of one walk over these posts, through the engine's own lane. */
const read = async (
  named: readonly string[],
  { source = open(), params = PARAMS, from = null as string | null } = {},
): Promise<Read> => {
  at().sandbox.log.clear()
  let units = 0
  const waits: number[] = []
  const lane = new Lane({
    runId: 1,
    source,
    concurrency: source.limits.concurrency,
    ledger: {
      turn: async () => 0,
      charge: async price => {
        units += price.units
        return null
      },
      takeBack: async () => {},
      exhaust: async () => {},
      machines: null,
    },
    clock: at().sandbox.clock,
    emit: event => {
      if (event.event === 'call.failed' && event.waitMs !== null) waits.push(event.waitMs)
    },
    maxWaitMs: 0,
    random: () => 0,
  })
  const ctx = {
    ...lane.context(new AbortController().signal),
    known: async () => new Set<string>(),
    there: async () => new Set<string>(),
    counters: async () => new Map(),
    observed: async () => [],
  }
  const stream = streamOf(source, 'named')
  const tasks = named.map(id => ({ ...taskRef(stream, id, { entityId: `post:${id}` }), from }))
  const startedAt = new Date(at().sandbox.clock.now()).toISOString()
  const pages: Page[] = []
  for (let cursor: Page['next'] = null; ; ) {
    const request = { ...requestFor(stream, { externalId: '' }), tasks, params, cursor, startedAt }
    const page = stream.normalise(await stream.fetch(request, ctx), request)
    pages.push(page)
    cursor = page.next
    if (cursor === null) return { pages, units, waits }
  }
}

const came = ({ pages }: Read): readonly string[] =>
  pages.flatMap(({ identities }) => identities.map(({ externalId }) => externalId))
const missing = ({ pages }: Read): readonly string[] =>
  pages.flatMap(page => page.missing.map(({ id, reason }) => `${id} ${reason}`))

describe('a page of posts that are named', () => {
  it('names each that came by the key of the list, with its owner', async () => {
    const [first = '', second = ''] = ids(2)
    const { pages } = await read([first, second])
    expect(pages[0]?.identities).toEqual([
      { externalId: first, entityId: `post:${first}`, profileId: own() },
      { externalId: second, entityId: `post:${second}`, profileId: own() },
    ])
  })

  it('tells what is refused as such, and as gone what was had before', async () => {
    const [first = ''] = ids(1)
    const told = await read([first, NOBODYS])
    expect([came(told), missing(told)]).toEqual([[first], [`${NOBODYS} refused`]])
    // Three tries; the last of them after a pause, since throttling looks the same.
    expect([told.units, told.waits.length]).toEqual([1 + 3 + 1, 1])
    const later = await read([first, NOBODYS], { from: '2026-09-01T00:00:00.000Z' })
    expect(missing(later)).toEqual([`${NOBODYS} not-found`])
    expect(later.waits).toEqual([])
  })

  it('throttling that looks as if a post were gone costs a try, and no post', async () => {
    const named = ids(5)
    at().sandbox.setSwitch('fault', { value: 'disguise', match: named[2] ?? '', times: 2 })
    const told = await read(named)
    expect([came(told).toSorted(), missing(told)]).toEqual([[...named].toSorted(), []])
  })

  it('keeps what came where a part was not answered, and asks for the rest', async () => {
    const named = ids(6)
    at().sandbox.setSwitch('null-part', { match: named[1] ?? '', times: 1 })
    const told = await read(named)
    expect(told.pages.map(({ identities }) => identities.length)).toEqual([5, 1])
    expect(told.pages[0]?.next).toEqual({ left: [named[1]] })
  })

  it('of which all look as if they were gone is believed where their account is there', async () => {
    const named = ids(2)
    const from = '2026-09-01T00:00:00.000Z'
    at().sandbox.setSwitch('fault', { value: 'disguise' })
    await expect(read(named, { from })).rejects.toMatchObject({ fault: { kind: 'transient' } })
    at().sandbox.switches.clear()
    for (const match of named) at().sandbox.setSwitch('fault', { value: 'disguise', match })
    expect(missing(await read(named, { from }))).toEqual(named.map(id => `${id} not-found`))
  })

  it('that brought nothing is a fault, not an answer', async () => {
    at().sandbox.setSwitch('null-part', {})
    await expect(read(ids(3))).rejects.toMatchObject({ fault: { kind: 'transient', code: 'no-data' } })
  })

  it('does without a field that is refused, and learns it from three', async () => {
    at().sandbox.setSwitch('refuses', {
      value: { name: 'alt_text', message: '(#100) Tried accessing nonexisting field (alt_text)' },
    })
    const told = await read(ids(6))
    expect(came(told)).toHaveLength(6)
    expect(told.pages).toHaveLength(1)
    // Nobody knew: each is asked for once more, from three on together. Later nobody asks for it.
    expect(at().sandbox.log.calls.filter(({ method }) => method === 'POST')).toHaveLength(2)
    expect(told.units - (await read(ids(6))).units).toBe(6)
  })

  it('asks for fewer comments of a post that is too heavy', async () => {
    const busy = posts().find(({ commentsCount }) => (commentsCount ?? 0) > 100)?.id ?? ''
    at().sandbox.setSwitch('heaviest-answer', { value: 60 })
    const told = await read([busy], { params: COMMENTS })
    expect(came(told)).toEqual([busy])
    const [further] = told.pages[0]?.children.filter(({ stream }) => stream === 'comments') ?? []
    expect(further).toMatchObject({ declared: 275, next: { after: expect.any(String) } })
  })

  it('has stories, too, and a picture of an album is no post', async () => {
    const rows = at().sandbox.truth('instagram', own())
    const story = rows.find(row => row.type === 'post' && row.kind === 'story') as PostRecord
    const picture = rows.find(row => row.type === 'media' && row.position === 1)
    const child = picture?.type === 'media' ? (picture.id ?? '') : ''
    const told = await read([story.id, child])
    expect([came(told), missing(told)]).toEqual([[story.id], [`${child} unsupported-by-network`]])
    expect(told.pages[0]?.children).toMatchObject([{ stream: 'insights', next: { sort: 'story' } }])
  })

  it('insights that several lists in one call do not bring come by a batch', async () => {
    at().sandbox.setSwitch('aliases', { value: false })
    const told = await read(ids(6))
    expect(new Set(told.pages[0]?.snapshots.map(({ subjectId }) => subjectId)).size).toBe(6)
    expect(told.pages[0]?.children).toEqual([])
  })
})

describe('several credentials', () => {
  const opened = (id: string): readonly boolean[] => {
    const sources = [open(), open(TOKENS.user, OTHER)]
    return sources.map(source => source.opening(`post:${id}`, PARAMS) !== null)
  }

  it('one asks, and where it is refused the next one does; the job is bound to it', async () => {
    const sources = [open(), open(TOKENS.user, OTHER)]
    expect(sources[0]?.opening(`post:${NOBODYS}`, PARAMS)).toMatchObject({ exclusive: true })
    expect(opened(NOBODYS)).toEqual([true, false])
    await read([NOBODYS])
    expect(opened(NOBODYS)).toEqual([false, true])
    const [first = ''] = ids(1)
    expect(opened(first)).toEqual([true, false])
    at().sandbox.advance(31 * 86_400_000)
    expect(opened(NOBODYS)).toEqual([true, false])
  })

  it('who was let in goes on asking, and alone may say that a post is gone', async () => {
    const [first = '', second = ''] = ids(2)
    const source = open()
    const other = open(TOKENS.user, OTHER)
    const from = '2026-09-01T00:00:00.000Z'
    await read([first], { source: other })
    expect(opened(first)).toEqual([false, true])
    at().sandbox.setSwitch('fault', { value: 'disguise', match: first })
    expect(missing(await read([first], { source: other, from }))).toEqual([`${first} not-found`])
    at().sandbox.setSwitch('fault', { value: 'disguise', match: second })
    expect(missing(await read([second], { source, from }))).toEqual([`${second} refused`])
  })

  it('do not share walks, which any of them may read', () => {
    const source = open()
    expect(streamOf(source, 'named').batch).toBe(50)
    open(TOKENS.user, OTHER)
    expect(streamOf(source, 'named').batch).toBe(1)
  })
})

describe('the price', () => {
  const priceOf = (known: Partial<typeof NOTHING_KNOWN>, count: number, params = PARAMS) => {
    const { pricing } = open()
    const sum = pricing.open(params, pricing.assumed, '2026-10-01T12:00:00.000Z')
    for (let at = 0; at < count; at++) sum.add({ ...NOTHING_KNOWN, ...known, entityId: `post:${at}` })
    return sum.costs().reduce((total, { calls }) => total + calls.likely, 0)
  }
  const ofComments = { posts: 1, settled: true, more: 0, replyCalls: null } as const

  it.each([1, 25, 60])('of %i posts is what they cost', async count => {
    const named = ids(count)
    const { units, pages } = await read(named)
    // One alone has its insights by a task of its own.
    const alone = pages.flatMap(({ children }) => children).length
    expect(priceOf({}, count)).toBe(units + alone)
  })

  it('of a later night has insights where a post is young, and none of what is gone', () => {
    const from = '2026-09-01T00:00:00.000Z'
    const posts = { ...NOTHING_KNOWN.posts, count: 1 }
    expect(priceOf({ from, stored: true, posts }, 30)).toBe(30 + 1)
    expect(priceOf({ from, stored: true, posts: { ...posts, young: 1 } }, 30)).toBe(30 + 1 + 2)
    expect(priceOf({ gone: true }, 30)).toBe(30)
  })

  it('of comments is by what is stored of that very post', () => {
    const from = '2026-09-01T00:00:00.000Z'
    const stats = { ...ofComments, declared: 300, threads: 180 }
    const known = (state: 'moved' | 'known') => ({ from, stored: true, comments: [{ ...stats, state }] })
    expect(priceOf(known('known'), 1, COMMENTS)).toBe(2)
    expect(priceOf(known('moved'), 1, COMMENTS)).toBe(2 + 3)
  })

  it('of what was left is that of what is asked for again', () => {
    const rest = { tasks: 1, incremental: false, fails: false, declared: null, items: 0 }
    expect(priceOf({ remaining: [{ ...rest, stream: 'named' }] }, 1)).toBe(3)
    expect(priceOf({ remaining: [{ ...rest, stream: 'comments', declared: 120 }] }, 1, COMMENTS)).toBe(3)
  })
})
