import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../src/app/credentials/environment.ts'
import { entityKey } from '../../src/core/entity.ts'
import { FaultError } from '../../src/core/fault.ts'
import { instant } from '../../src/core/instant.ts'
import type { Json } from '../../src/core/json.ts'
import type { SocialRecord } from '../../src/core/records.ts'
import type { Page, Source } from '../../src/core/stream.ts'
import { openHttp } from '../../src/http/client.ts'
import { Redactor } from '../../src/http/redact.ts'
import type { Credential, Network } from '../../src/networks/contract.ts'
import { networks } from '../../src/networks/registry.ts'
import { knownOf, NOTHING_KNOWN } from '../support/known.ts'
import { EVERYTHING } from '../support/params.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { freezeDeep, withRetypedField, withUnknownFields } from '../support/spoil.ts'
import { keyOf, openCounting, openingTasks, type Step, type Walked, walk } from '../support/walk.ts'

/** Profiles read per network, spread over its world; and none with more records than this. */
const PROFILES = 14
const LARGEST = 6000
/** Posts that are named by themselves. */
const POSTS = 12

interface Opened {
  readonly sandbox: TestSandbox
  readonly source: Source
  readonly credential: Credential
  readonly http: ReturnType<typeof openHttp>
}

const open = async (network: Network, learned: Map<string, Json>): Promise<Opened> => {
  const sandbox = await startSandbox({ networks: [network], seed: 7 })
  const http = openHttp({ redactor: new Redactor(), clock: sandbox.clock, deadlineMs: 2000 })
  const [credential] = await readEnvironment(network, sandbox.environment)
  if (!credential) throw new Error(`the sandbox of ${network.name} lets nobody in`)
  const source = network.open({
    credential,
    baseUrl: sandbox.origin,
    http,
    clock: sandbox.clock,
    memory: { get: key => learned.get(key), set: (key, value) => void learned.set(key, value) },
    insights: {},
    renew: async (stale, make) => ({ ...stale, ...(await make(stale)) }),
  })
  return { sandbox, source, credential, http }
}

const close = async ({ sandbox, http }: Opened): Promise<void> => {
  await http.close()
  await sandbox.close()
}

/** Evenly spread, the first and the last among them. */
const spread = (ids: readonly string[], count: number): string[] => {
  const last = ids.length - 1
  const places = Array.from({ length: count }, (_, n) => Math.round((n * last) / (count - 1)))
  return [...new Set(places)].flatMap(place => ids[place] ?? [])
}

describe.each(networks.map(network => [network.name, network] as const))('%s', (name, network) => {
  let opened: Opened
  let ids: string[]
  let truth: ReadonlyMap<string, SocialRecord>
  let walked: Walked
  /** Some posts of these profiles, and nobody's, named by themselves. */
  let named: readonly string[]
  let walkedNamed: Walked
  let collections: readonly string[]
  let walkedCollections: Walked

  beforeAll(async () => {
    const learned = new Map<string, Json>()
    opened = await open(network, learned)
    const { sandbox, source } = opened
    const told = spread(sandbox.entities(name), PROFILES)
      .map(id => ({ id, rows: sandbox.truth(name, id) }))
      .filter(({ rows }) => rows.length <= LARGEST)
    ids = told.map(({ id }) => id)
    truth = new Map(told.flatMap(({ rows }) => rows.map(row => [keyOf(row), row])))
    walked = await walk(source, ids, sandbox.clock)
    if (learned.size > 0) {
      // What a network teaches is paid for once: this is about what comes after.
      await close(opened)
      opened = await open(network, learned)
      walked = await walk(opened.source, ids, opened.sandbox.clock)
    }
    const posts = [...truth.values()].flatMap(row =>
      row.type === 'post' && row.kind !== 'story' ? [row.id] : [],
    )
    const [first = ''] = posts
    named = [...spread(posts, POSTS), [...first].reverse().join('')].map(id => entityKey('post', id))
    const other = await open(network, learned)
    walkedNamed = await walk(other.source, named, other.sandbox.clock)
    collections = [...(other.sandbox.sandboxes.get(name)?.collections?.() ?? [])]
    walkedCollections = await walk(other.source, collections, other.sandbox.clock)
    await close(other)
  })
  afterAll(() => close(opened))

  /** The first pages of each stream, those with the most records first. */
  const samples = (count: number): Step[] =>
    opened.source.streams.flatMap(stream =>
      [...walked.steps, ...walkedNamed.steps, ...walkedCollections.steps]
        .filter(step => step.stream.name === stream.name)
        .sort((a, b) => b.page.records.length - a.page.records.length)
        .slice(0, count),
    )

  test('says what it is in words that fit together', () => {
    const kinds = network.credentials.map(kind => kind.name)
    expect(network.abilities.filter(({ credential }) => !kinds.includes(credential))).toEqual([])
    expect(network.baseUrlVariable).toBe(`SOCSYNC_${name.toUpperCase()}_BASE_URL`)
    const streams = opened.source.streams.map(stream => stream.name)
    expect(new Set(streams).size).toBe(streams.length)
    for (const field of network.credentials.flatMap(kind => kind.fields)) {
      expect(field.variable).toBe(
        `SOCSYNC_${name.toUpperCase()}_${field.key.replace(/^_/, '').toUpperCase()}`,
      )
    }
  })

  test('reads the ids of its profiles, and what it read, as one canonical form', () => {
    for (const id of opened.sandbox.entities(name, 200)) {
      const key = network.parseId(id)
      expect(key).not.toBeNull()
      expect(network.parseId(key ?? '')).toBe(key)
    }
    expect(ids.map(id => network.parseId(id))).toEqual(ids)
  })

  test('finds the addresses of its profiles in a text, each with whose it is', () => {
    const urls = [...truth.values()].flatMap(row =>
      row.type === 'profile' && row.url != null ? [row.url] : [],
    )
    expect(urls.length).toBeGreaterThan(3)
    for (const url of urls) {
      const found = [...`see ${url}, and more`.matchAll(network.profileAddress)]
      expect(found, url).toHaveLength(1)
      const who = found[0]?.groups?.who ?? ''
      expect(network.parseId(who), url).toBe(network.parseId(url))
      expect(found[0]?.[0].endsWith(who)).toBe(true)
    }
  })

  test.each([
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '@',
    '@../x',
    'two words',
    'line\nbreak',
    'natgeo\u0000',
    'a?b=c',
    'a#b',
    'a&access_token=x',
    'x'.repeat(10_240),
    `https://${network.hosts[0]}/`,
    `https://${network.hosts[0]}/../../x`,
    `https://${network.hosts[0]}.evil.test/@natgeo`,
    'https://evil.test/@natgeo',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '%2e%2e%2f',
  ])('refuses %j as an id', text => {
    expect(network.parseId(text)).toBeNull()
  })

  test('a walk over its sandbox brings what is true there, row by row, and nothing else', () => {
    expect(truth.size).toBeGreaterThan(100)
    expect([...truth.keys()].filter(key => !walked.records.has(key))).toEqual([])
    expect([...walked.records.keys()].filter(key => !truth.has(key))).toEqual([])
    const different = [...truth].flatMap(([key, row]) => {
      const found: object = walked.records.get(key) ?? {}
      const fields = new Map<string, unknown>(Object.entries(found))
      return Object.entries(row)
        .filter(([field, value]) => value !== undefined && stored(fields.get(field)) !== stored(value))
        .map(([field, value]) => `${key} ${field}: ${stored(value)} came as ${stored(fields.get(field))}`)
    })
    expect(different.slice(0, 10)).toEqual([])
  })

  test('posts that a list names come as they come with their profile, and of the others it is said', () => {
    expect(network.others.post).toBeDefined()
    const came = [...walkedNamed.records.values()].filter(({ type }) => type === 'post')
    const missing = walkedNamed.steps.flatMap(({ page }) => page.missing)
    const said = new Set(missing.map(({ id }) => entityKey('post', id)))
    const keys = came.map(row => entityKey('post', 'id' in row ? row.id : ''))
    expect(keys.length).toBeGreaterThan(2)
    expect([...keys, ...said].toSorted()).toEqual([...named].toSorted())
    expect(said).toContain(named.at(-1))
    for (const [key, row] of walkedNamed.records) {
      const real = truth.get(key)
      if (real === undefined) throw new Error(`${key} is nobody's`)
      for (const [field, value] of Object.entries(real))
        if (row.type === 'post' && value !== undefined)
          expect(stored((row as unknown as Record<string, unknown>)[field]), `${key} ${field}`).toBe(
            stored(value),
          )
    }
  })

  test('collections that a list names hold what they hold there, and of the others it is said', () => {
    expect(collections.length > 0).toBe(network.others.playlist !== undefined)
    const missing = new Set(walkedCollections.steps.flatMap(({ page }) => page.missing.map(({ id }) => id)))
    const told = collections.filter(key => !missing.has(key))
    const real = new Map(
      told.flatMap(key => opened.sandbox.truth(name, key)).map(row => [keyOf(row), row] as const),
    )
    for (const type of ['collection', 'item', 'post'] as const) {
      const keys = (rows: Iterable<SocialRecord>): string[] =>
        [...rows]
          .filter(row => row.type === type)
          .map(keyOf)
          .toSorted()
      expect(keys(walkedCollections.records.values())).toEqual(keys(real.values()))
    }
    for (const [key, row] of walkedCollections.records)
      for (const [field, value] of Object.entries(real.get(key) ?? {}))
        if ((row.type === 'collection' || row.type === 'item') && value !== undefined)
          expect(stored((row as unknown as Record<string, unknown>)[field]), `${key} ${field}`).toBe(
            stored(value),
          )
  })

  test('its price of posts that a list names is a range that holds what was charged', () => {
    const { source, sandbox } = opened
    const bill = source.pricing.open(EVERYTHING, source.pricing.assumed, instant(sandbox.clock.now()))
    for (const entityId of named) bill.add({ ...NOTHING_KNOWN, entityId })
    const total = (of: Iterable<number>): number => [...of].reduce((sum, n) => sum + n, 0)
    const charged = total(walkedNamed.charges.values())
    const costs = bill.costs()
    expect(charged).toBeLessThan(total(walked.charges.values()))
    expect(total(costs.map(({ calls }) => calls.low))).toBeLessThanOrEqual(charged)
    expect(total(costs.map(({ calls }) => calls.high))).toBeGreaterThanOrEqual(charged)
  })

  test('no walk ends by a fault but where the network does not give a thing', () => {
    const unexpected = walked.faults.filter(
      ({ fault }) => !['unsupported', 'forbidden', 'not-found'].includes(fault.kind),
    )
    expect(unexpected).toEqual([])
    expect(opened.sandbox.log.errors).toEqual([])
  })

  test('every call was priced as the network itself counts it', () => {
    const counted = opened.sandbox.sandboxes.get(name)?.quota() ?? []
    const used = counted.filter(pool => pool.used > 0).map(pool => [pool.pool, pool.used] as const)
    expect(new Map(used)).toEqual(walked.charges)
  })

  test('its price of what was walked is what was charged, within 5 % where the counts are known', () => {
    const { source, sandbox } = opened
    const bill = source.pricing.open(EVERYTHING, source.pricing.assumed, instant(sandbox.clock.now()))
    for (const id of ids) bill.add(knownOf(walked, id, sandbox.clock.now()))
    const priced = new Map<string, number>()
    for (const { pool, calls } of bill.costs()) priced.set(pool, (priced.get(pool) ?? 0) + calls.likely)
    expect([...priced.keys()].sort()).toEqual([...walked.charges.keys()].sort())
    for (const [pool, charged] of walked.charges) {
      const off = Math.abs((priced.get(pool) ?? 0) - charged)
      expect({ pool, charged, off, isNear: off <= Math.max(1, charged * 0.05) }).toMatchObject({
        isNear: true,
      })
    }
  })

  test('its price of profiles that nothing is known of is a range that holds what was charged', () => {
    const { source, sandbox } = opened
    const bill = source.pricing.open(EVERYTHING, source.pricing.assumed, instant(sandbox.clock.now()))
    for (const entityId of ids) bill.add({ ...NOTHING_KNOWN, entityId })
    const total = (of: Iterable<number>): number => [...of].reduce((sum, n) => sum + n, 0)
    const charged = total(walked.charges.values())
    const costs = bill.costs()
    expect(total(costs.map(({ calls }) => calls.low))).toBeLessThanOrEqual(charged)
    expect(total(costs.map(({ calls }) => calls.high))).toBeGreaterThanOrEqual(charged)
  })

  test('every id is a string, and exact: none beyond 2^53 went through a number', () => {
    const unsafe: string[] = []
    const visit = (value: unknown, path: string): void => {
      if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) unsafe.push(path)
      if (typeof value !== 'object' || value === null) return
      for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`)
    }
    for (const { raw, stream } of walked.steps) visit(raw.parts, stream.name)
    expect(unsafe).toEqual([])
    for (const row of walked.records.values()) {
      const ids = Object.entries(row).filter(([field]) => /^id$|Id$/.test(field))
      expect(ids.filter(([, id]) => id !== null && typeof id !== 'string')).toEqual([])
    }
  })

  test('a list that comes newest first says where each of its pages ends', () => {
    const lists = walked.steps.filter(({ stream }) => stream.lists !== undefined && stream.newestFirst)
    const amiss = lists.filter(({ stream, page }) => {
      const last = page.records.findLast(one =>
        stream.lists === 'posts' ? one.type === 'post' : one.type === 'comment' && one.parentId === null,
      )
      return last !== undefined && 'createdAt' in last && page.tail !== last.createdAt
    })
    expect(amiss.map(({ stream, page }) => [stream.name, page.tail]).slice(0, 5)).toEqual([])
  })

  test('a look-up by id brings what is there, and says of the rest that it is gone', async () => {
    const { source, sandbox } = opened
    for (const stream of source.streams) {
      const { looksUp } = stream
      if (looksUp === undefined) continue
      const subjectOf = (record: SocialRecord): boolean => record.type === looksUp.subject
      const step = walked.steps.find(
        ({ stream: list, page }) => looksUp.after.includes(list.name) && page.records.some(subjectOf),
      )
      const [task] = step?.request.tasks ?? []
      const record = step?.page.records.find(subjectOf)
      if (task === undefined || record === undefined || !('id' in record)) throw new Error(stream.name)
      const nobody = [...record.id].reverse().join('')
      const postId = record.type === 'comment' ? record.postId : task.postId
      const asked = looksUp.size === 1 ? [[record.id], [nobody]] : [[record.id, nobody]]
      const { context } = openCounting(sandbox.clock)
      const pages: Page[] = []
      for (const ids of asked) {
        const request = {
          tasks: [{ ...task, stream: stream.name, postId }],
          cursor: null,
          params: EVERYTHING,
          room: null,
          startedAt: new Date(sandbox.clock.now()).toISOString(),
          ids,
        }
        pages.push(stream.normalise(await stream.fetch(request, context), request))
      }
      const found = pages.flatMap(({ records }) => records).filter(subjectOf)
      expect(found.map(one => ('id' in one ? one.id : null))).toEqual([record.id])
      expect(found[0]).toMatchObject(record.type === 'comment' ? { postId: record.postId } : {})
      expect(pages.flatMap(({ missing }) => missing)).toMatchObject([
        { subject: looksUp.subject, id: nobody },
      ])
    }
  })

  test('pages are read purely: twice the same, from input that cannot be changed', () => {
    for (const { stream, raw, request, page } of samples(5)) {
      freezeDeep(raw)
      freezeDeep(request)
      expect(stream.normalise(raw, request)).toEqual(page)
    }
  })

  test('pages are read from what is stored: the text alone brings the same records', () => {
    for (const { stream, raw, request, page } of samples(2)) {
      expect(stream.normalise(JSON.parse(JSON.stringify(raw)), request)).toEqual(page)
    }
  })

  test('a field that nobody knows changes nothing but `extra`', () => {
    for (const { stream, raw, request, page } of samples(3)) {
      const spoilt = { parts: raw.parts.map(part => ({ ...part, json: withUnknownFields(part.json) })) }
      expect(core(stream.normalise(spoilt, request))).toEqual(core(page))
    }
  })

  test('a field of another type is noted or does not matter, and never throws but as unreadable', () => {
    const unnoted: string[] = []
    for (const { stream, raw, request, page } of samples(2)) {
      for (const [index, part] of raw.parts.entries()) {
        for (const { path, json } of withRetypedField(part.json, 60)) {
          const parts = raw.parts.with(index, { ...part, json })
          const read = attemptTo(() => stream.normalise({ parts }, request))
          const noted = read === 'unreadable' || read.rejects.length > page.rejects.length
          if (!noted && !isDeepStrictEqual(core(read), core(page)))
            unnoted.push(`${stream.name} part ${index}: ${path}`)
        }
      }
    }
    expect(unnoted).toEqual([])
  })

  test('no secret stands in what is stored of a request, an answer or a place', () => {
    const { values, kind } = opened.credential
    const fields = network.credentials.find(each => each.name === kind)?.fields ?? []
    const secrets = fields.filter(field => field.secret).flatMap(({ key }) => values[key] ?? [])
    expect(secrets.length).toBeGreaterThan(0)
    for (const { raw, page, stream } of walked.steps) {
      const text = JSON.stringify([raw, page.next, page.children, page.records])
      for (const secret of secrets) {
        const found = [secret, encodeURIComponent(secret)].filter(form => text.includes(form))
        expect({ stream: stream.name, found }).toEqual({ stream: stream.name, found: [] })
      }
      expect(text).not.toMatch(/(access_token|appsecret_proof)=(?!\*\*\*)|Bearer /)
    }
  })

  describe('a call that is answered with', () => {
    let fresh: Opened
    beforeAll(async () => {
      fresh = await open(network, new Map())
      // A token may have to be asked for first.
      await firstPage(fresh, ids[0] ?? '')
    })
    afterAll(() => close(fresh))

    test.each<[string, Json, readonly string[]]>([
      ['status', { status: 400, body: {} }, ['rejected', 'unsupported', 'not-found', 'unreadable']],
      ['status', { status: 401, body: {} }, ['unauthorised']],
      ['status', { status: 403, body: {} }, ['forbidden', 'unauthorised', 'rejected']],
      ['status', { status: 404, body: {} }, ['not-found', 'rejected', 'unsupported']],
      ['status', { status: 429, body: {} }, ['rate-limited', 'quota-exhausted']],
      ['status', { status: 500, body: {} }, ['transient']],
      ['status', { status: 503, body: {} }, ['transient']],
      ['html', true, ['transient']],
      ['html-502', true, ['transient']],
      ['reset', true, ['transient']],
      ['short', true, ['transient']],
      ['empty', true, ['transient']],
      ['no-content', true, ['transient']],
      ['not-json', true, ['transient']],
      ['truncate', true, ['transient']],
      ['redirect', 'https://evil.test/', ['rejected']],
      ['deep', true, ['unreadable']],
      ['huge', 40 * 2 ** 20, ['unreadable']],
    ])('%s %j is a fault of the right kind', async (fault, value, kinds) => {
      const { sandbox } = fresh
      sandbox.switches.set({ name: fault, value })
      try {
        const error = await firstPage(fresh, ids[0] ?? '').catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(FaultError)
        expect(kinds).toContain((error as FaultError).fault.kind)
      } finally {
        sandbox.switches.clear()
      }
      await firstPage(fresh, ids[0] ?? '')
    })
  })
})

/** The first page of a profile, without a second try. */
const firstPage = async ({ source, sandbox }: Opened, id: string): Promise<Page> => {
  const [opening] = openingTasks(source, id, EVERYTHING)
  const stream = source.streams.find(each => each.name === opening?.task.stream)
  if (!opening || !stream) throw new Error(`nothing opens ${id}`)
  const request = {
    tasks: [opening.task],
    cursor: null,
    params: EVERYTHING,
    room: null,
    startedAt: new Date(sandbox.clock.now()).toISOString(),
  }
  const { context } = openCounting(sandbox.clock)
  const once = {
    ...context,
    call: <T>(_: unknown, send: (signal: AbortSignal) => Promise<T>) => send(context.signal),
  }
  return stream.normalise(await stream.fetch(request, once), request)
}

/** As a store holds it (docs/design.md §4): absent is null, text well-formed and without NUL. */
const stored = (value: unknown): string =>
  JSON.stringify(
    typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : (value ?? null),
  )

const attemptTo = (read: () => Page): Page | 'unreadable' => {
  try {
    return read()
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === 'unreadable') return 'unreadable'
    throw error
  }
}

/** A page without the fields that keep what has no column. */
const core = (page: Page): unknown =>
  JSON.parse(JSON.stringify(page, (key, value) => (key === 'extra' || key === 'rejects' ? undefined : value)))
