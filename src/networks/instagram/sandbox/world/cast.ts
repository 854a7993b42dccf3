/**
 * Who lives in the world: the token's own accounts first, then accounts with one known trait each, then the
 * crowd. Names say the trait, so that a test reads like what it shows (traits: docs/networks/instagram.md §12).
 */
export interface Role {
  readonly username: string
  /** Posts at the world's first moment; missing = as the size says. */
  readonly posts?: number
  /** Posts that are counted and never listed, as index from the oldest: pages there come short or empty. */
  readonly withheld?: readonly [from: number, to: number]
  readonly likes?: 'hidden'
  readonly kinds?: 'albums' | 'reels'
  readonly captions?: 'long' | 'strange'
  /** In a moving world: from this day on it has this name. */
  readonly renamed?: { readonly day: number; readonly to: string }
  /** In a moving world: a personal account between these days. */
  readonly personal?: readonly [from: number, to: number]
}

/** Accounts that the tokens manage. Ids of comments leave room for ten. */
export const OWN: readonly Role[] = [
  { username: 'north.pier', withheld: [90, 140] },
  { username: 'north.pier.roasters', posts: 40 },
]

export const KNOWN: readonly Role[] = [
  { username: 'no.posts.yet', posts: 0 },
  { username: 'one.post', posts: 1 },
  { username: 'one.page.of.25', posts: 25 },
  { username: 'one.page.of.50', posts: 50 },
  { username: 'two.pages.of.50', posts: 100 },
  { username: 'hollow.middle', posts: 240, withheld: [70, 190] },
  { username: 'hollow.end', posts: 75, withheld: [0, 30] },
  { username: 'likes.hidden', posts: 30, likes: 'hidden' },
  { username: 'albums.only', posts: 40, kinds: 'albums' },
  { username: 'reels.only', posts: 60, kinds: 'reels' },
  { username: 'long.caption', posts: 4, captions: 'long' },
  { username: 'strange.texts', posts: 20, captions: 'strange' },
  { username: 'renamed.later', posts: 30, renamed: { day: 70, to: 'renamed.since' } },
  { username: 'turns.personal', posts: 30, personal: [80, 100] },
]

/** Names that a discovery never finds, for different reasons that the API does not tell apart. */
export const UNAVAILABLE = ['private.person', 'personal.account', 'age.gated', 'nobody.here'] as const

export interface Size {
  /** Accounts beyond the own ones. */
  readonly others: number
  /** Posts of an account of the crowd, from and to. */
  readonly posts: readonly [low: number, high: number]
  readonly ownPosts: number
  /** Top-level comments under a post of our own that has no special trait. */
  readonly comments: readonly [low: number, high: number]
}

export const SIZES = {
  small: { others: 84, posts: [20, 120], ownPosts: 320, comments: [0, 14] },
  medium: { others: 1200, posts: [50, 900], ownPosts: 2400, comments: [2, 40] },
  large: { others: 20_000, posts: [200, 10_400], ownPosts: 10_000, comments: [40, 150] },
} as const satisfies Record<string, Size>

/** Captions of `strange.texts`, from its oldest post on: what breaks storage, CSV and terminals. */
export const STRANGE: readonly string[] = [
  'a NUL \u0000 in the middle',
  'half of an emoji: \ud83d',
  'שלום עולם, מה שלומך היום?',
  'مرحبا بالعالم ١٢٣',
  '👩‍👩‍👧‍👦🏳️‍🌈👍🏽 and a flag 🇺🇦',
  'e\u0301 and \u00e9 are two spellings of one letter',
  '=HYPERLINK("https://example.org";"formula")',
  '+1 @home -1',
  '"quoted", with; separators\tand a tab',
  'first line\r\nsecond line\n\nfourth line',
  'line\u2028separator and paragraph\u2029separator',
  'left \u202eright to left\u202c again',
  ' \u00a0 ',
  '\u001b[31mred\u001b[0m and a bell \u0007',
  '<script>alert(1)</script> & &amp;',
  "Robert'); drop table posts;--",
  '\ufeffstarts with a byte order mark',
  'zero\u200bwidth\u200djoiner',
  '{"json":"inside","n":12345678901234567890}',
  'null',
]
