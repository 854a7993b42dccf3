/** First parts of an instagram.com path that are no username. */
const RESERVED: ReadonlySet<string> = new Set([
  'accounts',
  'about',
  'channel',
  'developer',
  'direct',
  'explore',
  'highlights',
  'invites',
  'legal',
  'p',
  'reel',
  'reels',
  's',
  'share',
  'stories',
  'tv',
])

/** These lead to one post, below a username too. */
const POSTS: Readonly<Record<string, string>> = { p: 'a post', reel: 'a reel', tv: 'a video' }

const USERNAME = /^(?!.*\.\.)[a-z0-9_][a-z0-9._]{0,29}$/
/** As the API numbers accounts and media (docs/networks/instagram.md §4). */
const NODE_ID = /^\d{10,20}$/
const SHORTCODE = /^[\w-]{10,14}$/

/** Whether a key is an own account's numeric id; all others are usernames. */
export const isOwnId = (key: string): boolean => NODE_ID.test(key)

/** What stands before a username in addresses that open the app. */
const DOORS: ReadonlySet<string> = new Set(['_u', '_n', 'n'])

/**
 * `@NatGeo`, `natgeo`, `https://www.instagram.com/natgeo/` and `instagram.com/_u/natgeo` are `natgeo`; ten digits or more
 * are the id of a token's own account, `me` is that account. Addresses of posts are no profile, and neither is a name
 * that would pass for an id.
 */
export const parseId = (text: string): string | null => {
  if (isOwnId(text)) return text
  const address = partsOf(text)
  // What is no profile stays an address, which is no username.
  const name = address === null ? text.replace(/^@/, '') : isProfile(address) ? address.name : text
  const key = name.toLowerCase()
  return USERNAME.test(key) && !isOwnId(key) ? key : null
}

/** Why an address of the network is no profile's. */
export const explainId = (text: string): string | null => {
  const address = partsOf(text)
  if (address === null || isProfile(address)) return null
  const post = postAt(address)
  if (post !== null) return ofAPost(post)
  const what = WHAT[address.name.toLowerCase()]
  return what === undefined
    ? null
    : `the address of ${what}; give the username, or the address of the profile`
}

/** A media's id. Addresses hold a shortcode, by which the API finds nothing (docs/networks/instagram.md §21). */
export const parsePost = (text: string): string | null => (NODE_ID.test(text) ? text : null)

/** Why a text is no media's id. */
export const explainPost = (text: string): string | null => {
  const address = partsOf(text)
  if (address !== null) return isProfile(address) ? OF_A_PROFILE : explainId(text)
  if (/^\d{10,20}_\d+$/.test(text)) return `an id of another API, which this one does not know; ${GIVE}`
  return SHORTCODE.test(text) ? `it looks like a shortcode, ${NOT_ASKED_BY}; ${GIVE}` : null
}

const HASHTAG = /^[\p{L}\p{M}\p{N}_]{1,100}$/u
const HASHTAG_ADDRESS = /^(?:https?:\/\/)?(?:(?:www|m)\.)?instagram\.com\/explore\/tags\/([^/?#]+)/i

/** A hashtag without `#`, as the network compares them: in lower case. Emojis are in none that can be asked for. */
export const parseTag = (text: string): string | null => {
  const [, inAddress] = HASHTAG_ADDRESS.exec(text) ?? []
  const name = inAddress === undefined ? text.replace(/^#/, '') : decoded(inAddress)
  return HASHTAG.test(name) ? name.normalize('NFC').toLowerCase() : null
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

const NOT_ASKED_BY = 'which the API cannot be asked by'
const GIVE =
  "give the media's numeric id, which `export posts` and the API tell, of your own account alone; or give the profile"
const OF_A_PROFILE = 'it is the address of a profile: without `post:` and `--as post` it is taken as one'

const ofAPost = (what: string): string =>
  `the address of ${what}: it holds a shortcode, ${NOT_ASKED_BY}; ${GIVE}`

/** What kind of a post an address is of, or null. */
const postAt = ({ name, below }: Address): string | null =>
  POSTS[below.toLowerCase()] ??
  (name.toLowerCase() === 'reels' ? POSTS.reel : POSTS[name.toLowerCase()]) ??
  null

const WHAT: Readonly<Record<string, string>> = {
  stories: 'a story',
  channel: 'a channel',
  invites: 'an invitation, which does not say whose it is',
  explore: 'a search',
  share: 'something shared, which does not say whose it is',
}

interface Address {
  readonly name: string
  /** The part of the path below it, or empty. */
  readonly below: string
}

const ADDRESS = /^(?:https?:\/\/)?(?:(?:www|m)\.)?instagram\.com\/([^/?#]+)(?:\/([^/?#]*))?(?:\/([^/?#]*))?/i

/** The same within a text, stories of a profile too. */
export const PROFILE_ADDRESS = new RegExp(
  `instagram\\.com/(?:(?:_u|_n|n|stories)/)?@?(?!(?:${[...RESERVED].join('|')})(?![\\w.]))(?<who>\\w(?:[\\w.]{0,28}\\w)?)`,
  'giu',
)

const partsOf = (text: string): Address | null => {
  const [, first = '', second = '', third = ''] = ADDRESS.exec(text) ?? []
  if (first === '') return null
  return DOORS.has(first.toLowerCase()) && second !== ''
    ? { name: second, below: third }
    : { name: first, below: second }
}

const isProfile = ({ name, below }: Address): boolean =>
  !RESERVED.has(name.toLowerCase()) && POSTS[below.toLowerCase()] === undefined
