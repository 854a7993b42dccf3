import type { Json, JsonObject } from '../../../src/core/json.ts'
import type { FaultRow } from './row.ts'
import { type Going, type NetworkName, SCENERY, type Scenery } from './scene.ts'

/** Where the answers of a network's lists hold their items and the place of the next page. */
interface ListShape {
  readonly items: readonly string[]
  readonly next: readonly string[]
  readonly id: string
}

const LISTS: Readonly<Record<NetworkName, ListShape>> = {
  instagram: {
    items: ['business_discovery', 'media', 'data'],
    next: ['business_discovery', 'media', 'paging', 'cursors', 'after'],
    id: 'id',
  },
  youtube: { items: ['items'], next: ['nextPageToken'], id: 'id' },
  tiktok: { items: ['data', 'videos'], next: ['data', 'cursor'], id: 'id' },
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (value: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((part, key) => (isObject(part) ? part[key] : undefined), value)

/** The same with another value at a place that is there; undefined takes it away. */
const put = (value: Json, [key, ...rest]: readonly string[], to: Json | undefined): Json => {
  if (key === undefined || !isObject(value) || !(key in value)) return value
  const { [key]: old, ...others } = value
  const changed = rest.length === 0 ? to : put(old ?? null, rest, to)
  return changed === undefined ? others : { ...others, [key]: changed }
}

const itemsOf = (json: Json, { items }: ListShape): readonly Json[] => {
  const found = at(json, items)
  return Array.isArray(found) ? found : []
}

type Spoil = NonNullable<Going['spoil']>

/** The same item on two pages: each page of a list begins with the last item of the one before. */
const repeating = (shape: ListShape): Spoil => {
  const last = new Map<string, Json>()
  return (json, url) => {
    const items = itemsOf(json, shape)
    const end = items.at(-1)
    if (end === undefined) return json
    const list = listOf(url)
    const before = last.get(list)
    last.set(list, end)
    return before === undefined ? json : put(json, shape.items, [before, ...items])
  }
}

/** The first item of the first list comes without its id. */
const nameless = (shape: ListShape): Spoil => {
  let done = false
  return (json, url) => {
    const [first, ...others] = itemsOf(json, shape)
    if (done || !isObject(first) || url.includes('/channels?') || url.includes('/playlistItems?')) return json
    done = true
    const { [shape.id]: _, ...rest } = first
    return put(json, shape.items, [rest, ...others])
  }
}

/** Two places in turn, for ever: the first two that a list named. */
const circling = (shape: ListShape): Spoil => {
  const lists = new Map<string, { readonly places: Json[]; turn: number }>()
  return (json, url) => {
    const next = at(json, shape.next)
    if (next === undefined) return json
    const list = lists.get(listOf(url)) ?? { places: [], turn: 0 }
    lists.set(listOf(url), list)
    if (list.places.length < 2) {
      list.places.push(next)
      return json
    }
    return put(json, shape.next, list.places[list.turn++ % 2])
  }
}

/** Says that there is more, and not where: so often at most. */
const placeless =
  (times: number) =>
  (shape: ListShape): Spoil => {
    let left = times
    return json =>
      at(json, ['data', 'has_more']) === true && left-- > 0 ? put(json, shape.next, undefined) : json
  }

/** What tells one list from another. */
const listOf = (url: string): string => /username%28[\w.]+|playlistId=[\w-]+/.exec(url)?.[0] ?? ''

const spoiling = (
  name: string,
  networks: readonly NetworkName[],
  make: (shape: ListShape) => Spoil,
  expected: FaultRow['expected'],
  rules: FaultRow['rules'] = () => [],
): readonly FaultRow[] =>
  networks.map(network => ({
    name,
    networks: [network],
    rules,
    going: { concurrency: 1, spoil: make(LISTS[network]) },
    expected,
  }))

const fine: FaultRow['expected'] = () => ({ exit: 0, error: null, wasted: 0 })

/** An error in an answer with status 200 counts as that error (FAULTS 54). */
const inDisguise = (
  network: NetworkName,
  name: string,
  body: Json,
  expected: ReturnType<FaultRow['expected']>,
): FaultRow => ({
  name: `54 200 with ${name} inside`,
  networks: [network],
  rules: ({ api }) => [
    { name: 'status', network, value: { status: 200, body }, match: api, after: 1, times: 1 },
  ],
  expected: () => expected,
})
const graph = (code: number, message: string): Json => ({
  error: { message, type: 'OAuthException', code, fbtrace_id: 'A' },
})
const google = (code: number, domain: string, reason: string): Json => ({
  error: { code, message: reason, errors: [{ message: reason, domain, reason }] },
})
const tiktok = (code: string, message: string): Json => ({ data: {}, error: { code, message, log_id: '1' } })

const DISGUISES: readonly FaultRow[] = [
  inDisguise('instagram', 'an outage', graph(2, 'An unexpected error has occurred.'), {
    exit: 0,
    error: null,
    wasted: 1,
  }),
  inDisguise('instagram', 'a dead token', graph(190, 'Error validating access token'), {
    exit: 5,
    error: 'unauthorised',
    wasted: 2,
  }),
  inDisguise('instagram', 'a limit', graph(4, '(#4) Application request limit reached'), {
    exit: 75,
    error: 'rate_limited',
    notBefore: [3_590_000, 3_610_000],
    wasted: 2,
  }),
  inDisguise('youtube', 'an outage', google(503, 'global', 'backendError'), {
    exit: 0,
    error: null,
    wasted: 1,
  }),
  inDisguise('youtube', 'the end of the quota', google(403, 'youtube.quota', 'quotaExceeded'), {
    exit: 75,
    error: 'quota_exhausted',
    all: true,
    notBefore: [68_400_000, 68_500_000],
    wasted: 4,
  }),
  inDisguise('tiktok', 'an outage', tiktok('internal_error', 'Something is wrong.'), {
    exit: 0,
    error: null,
    wasted: 1,
  }),
  inDisguise('tiktok', 'a dead token', tiktok('access_token_invalid', 'The access token is invalid'), {
    exit: 0,
    error: null,
    wasted: 1,
  }),
  inDisguise('tiktok', 'the end of the quota', tiktok('daily_quota_limit_exceeded', 'The daily quota'), {
    exit: 75,
    error: 'quota_exhausted',
    all: true,
    notBefore: [43_400_000, 43_600_000],
    wasted: 6,
  }),
]

/** More profiles than failures that open the circuit. */
const CROWDS: Readonly<Record<NetworkName, Scenery>> = {
  instagram: {
    ...SCENERY.instagram,
    ids: ['one.post', 'albums.only', 'hollow.middle', 'likes.hidden', 'two.pages.of.50', 'reels.only'],
  },
  youtube: SCENERY.youtube,
  tiktok: {
    ...SCENERY.tiktok,
    ids: ['shelf.keeper', 'pier.way47', 'garden.letter65', 'quiet.page', 'garden.light23', 'wide.open'],
  },
}

const STORMS: readonly FaultRow[] = (['instagram', 'tiktok'] as const).map(network => ({
  name: '46 a storm of 503 on many profiles: the circuit opens',
  networks: [network],
  scenery: CROWDS[network],
  rules: ({ api }) => [{ name: 'status', network, value: 503, match: api }],
  expected: ({ ids }) => ({
    exit: 75,
    error: ['network_error', 'unreachable'],
    all: true,
    wasted: 5 * ids.length,
  }),
}))

/** With a search of several pages. */
const LONG: Scenery = { ...SCENERY.tiktok, ids: ['swept.shelf', 'quiet.page'] }

/** How a network says that it no longer knows a place. */
const FORGETTING = {
  instagram: { name: 'fault', value: 'cursor-refused' },
  youtube: { name: 'error', value: 'invalidPageToken' },
  tiktok: { name: 'invalid-search-id', value: true },
} as const

/** A run that was stopped in the middle of a list, by its budget; something happens before it is continued. */
const continued = (
  name: string,
  wasted: (scenery: Scenery) => number,
  meanwhile: NonNullable<FaultRow['meanwhile']>,
): FaultRow => ({
  name,
  rules: () => [],
  going: { budget: 6, concurrency: 1 },
  expected: scenery => ({ exit: 3, error: 'budget', wasted: wasted(scenery) }),
  meanwhile,
})
const HOUR = 3_600_000
const pageAgain = ({ callsPerPage }: Scenery): number => callsPerPage - 1

const CONTINUED: readonly FaultRow[] = [
  continued('24 the clock jumps back an hour', pageAgain, sandbox => sandbox.advance(-HOUR)),
  continued('24 the clock jumps back a week', pageAgain, sandbox => sandbox.advance(-168 * HOUR)),
  continued('24 the clock jumps forward an hour', pageAgain, sandbox => sandbox.advance(HOUR)),
  continued('24 the clock jumps forward a year', pageAgain, sandbox => sandbox.advance(8_760 * HOUR)),
  continued(
    '58 the cursor has expired on resume',
    () => 8,
    (sandbox, { network, later }) =>
      sandbox.setSwitch(FORGETTING[network].name, {
        network,
        value: FORGETTING[network].value,
        match: later.match,
        times: 1,
      }),
  ),
  continued(
    '58 and 31 the cursor has expired on resume, over a bad line',
    () => 10,
    (sandbox, { network, api, later }) => {
      sandbox.setSwitch('reset', { network, match: api, times: 2 })
      sandbox.setSwitch(FORGETTING[network].name, {
        network,
        value: FORGETTING[network].value,
        match: later.match,
        times: 1,
      })
    },
  ),
]

/** What an API means, and what it means when it says the same again: docs/faults.md §1.3. */
export const MEANING: readonly FaultRow[] = [
  ...CONTINUED,
  ...STORMS,
  {
    name: '46 slow recovery: two calls in a row fail',
    rules: ({ api, network }) => [{ name: 'status', network, value: 503, match: api, after: 2, times: 2 }],
    expected: () => ({ exit: 0, error: null, wasted: 2 }),
  },
  {
    name: '47 5xx on one profile only',
    networks: ['instagram', 'youtube'],
    rules: ({ alone, network }) => [{ name: 'status', network, value: 500, match: alone?.match ?? '' }],
    expected: () => ({ exit: 3, error: 'network_error', wasted: 5 }),
  },
  {
    name: '47 the search is out of order, the rest works',
    networks: ['tiktok'],
    rules: ({ later }) => [{ name: 'status', network: 'tiktok', value: 503, match: later.match }],
    expected: ({ callsOfSharedWalk }) => ({
      exit: 3,
      error: ['truncated', 'network_error'],
      all: true,
      wasted: 10 * callsOfSharedWalk,
    }),
  },
  ...DISGUISES,
  {
    name: '55 the same cursor for ever',
    networks: ['youtube'],
    rules: () => [{ name: 'repeated-token', network: 'youtube', match: 'playlistItems' }],
    expected: () => ({ exit: 3, error: 'loop', wasted: 25 }),
  },
  {
    name: '55 the same cursor once',
    networks: ['youtube', 'tiktok'],
    rules: ({ network, later }) => [
      { name: network === 'youtube' ? 'repeated-token' : 'stuck-cursor', network, ...later, times: 1 },
    ],
    expected: ({ callsPerPage }) => ({ exit: 0, error: null, wasted: 5 * callsPerPage }),
  },
  {
    name: '55 always the first page',
    networks: ['youtube'],
    rules: () => [{ name: 'ignore-page-token', network: 'youtube', match: 'playlistItems' }],
    expected: () => ({ exit: 3, error: 'loop', wasted: 25 }),
  },
  ...spoiling(
    '55 A-B-A cursors',
    ['instagram', 'youtube'],
    circling,
    ({ callsPerPage }) => ({ exit: 3, error: 'loop', wasted: 20 * callsPerPage }),
    // Three pages or more in every list.
    () => [{ name: 'short-pages', network: 'youtube', value: 4, match: 'playlistItems' }],
  ),
  {
    name: '56 an empty page with a next',
    networks: ['youtube'],
    rules: ({ later }) => [{ name: 'empty-page', network: 'youtube', ...later, times: 1 }],
    expected: () => ({ exit: 0, error: null, wasted: 1 }),
  },
  {
    name: '56 an empty page with a next',
    networks: ['tiktok'],
    // The last window, which holds nothing: this API goes on behind the page that it did not give.
    rules: ({ later }) => [{ name: 'empty-page', network: 'tiktok', match: later.match, after: 4, times: 1 }],
    expected: () => ({ exit: 0, error: null, wasted: 1 }),
  },
  {
    name: '56 empty pages for ever',
    networks: ['youtube'],
    rules: () => [{ name: 'empty-page', network: 'youtube', match: 'playlistItems' }],
    expected: () => ({ exit: 3, error: 'loop', all: true, wasted: 35 }),
  },
  ...[1, Number.POSITIVE_INFINITY].flatMap(times =>
    spoiling(
      `57 more is promised without a place, ${times === 1 ? 'once' : 'always'}`,
      ['tiktok'],
      placeless(times),
      // The period is taken apart by halves: the first of them may be too large as well.
      () => ({ exit: 0, error: null, wasted: 3 }),
    ).map(row => ({ ...row, scenery: LONG })),
  ),
  ...spoiling('59 the same item on two pages', ['instagram', 'tiktok'], repeating, fine),
  {
    name: '59 items that move down while we page',
    networks: ['youtube'],
    rules: () => [{ name: 'shift', network: 'youtube', value: 3 }],
    expected: fine,
  },
  {
    name: '59 pages of five',
    networks: ['youtube'],
    rules: () => [{ name: 'short-pages', network: 'youtube', value: 5, match: 'playlistItems' }],
    expected: () => ({ exit: 0, error: null, wasted: 70 }),
  },
  ...spoiling(
    '60 an item without id',
    ['instagram', 'youtube', 'tiktok'],
    nameless,
    ({ callsOfSharedWalk, callsPerPage }) => ({
      exit: 3,
      error: 'unreadable',
      wasted: callsOfSharedWalk + 5 * callsPerPage,
    }),
  ),
]
