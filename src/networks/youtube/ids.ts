/** `UC` and 22 characters, of which the last carries only two bits (docs/networks/youtube.md §2). */
const CHANNEL = /^UC[\w-]{21}[AQgw]$/
/** Looks like a channel id: one with a wrong end or a character too few or too many is a slip of the pen, never a handle. */
const CHANNEL_LIKE = /^UC[\w-]{21,23}$/
/** The uploads of a channel bear its own characters (docs/networks/youtube.md §2). */
const UPLOADS_LIKE = /^UU[\w-]{22}$/
/** Playlists that the site makes of a channel's uploads bear its own characters too (docs/networks/youtube.md §2). */
const DERIVED = /^(?:UULF|UUSH|UULV|UUM[SOFV]|UULP|UUP[SV])([\w-]{21}[AQgw])$/
/** One that somebody made, or an album. */
const MADE = /^(PL([\w-]{29,}|[\dA-F]{16})|OLAK5uy_[\w-]{22,})$/
const VIDEO = /^[\w-]{10}[AEIMQUYcgkosw048]$/
/** Letters of any script. */
const HANDLE = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.·-]*$/u
/** Characters that a handle has at most (docs/networks/youtube.md §2). */
const MOST_CHARACTERS = 30
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,99}$/u

/** Videos by their ids alone. */
const SHORT_HOST = 'youtu.be'
export const HOSTS = [
  'youtube.com',
  'm.youtube.com',
  'music.youtube.com',
  'studio.youtube.com',
  SHORT_HOST,
] as const

/** The channel of whoever stands behind the credential; shorter than any handle. */
export const OWN = 'me'

export const isChannelId = (text: string): boolean => CHANNEL.test(text)

/** The playlist that holds all that a channel has published (docs/networks/youtube.md §2). */
export const uploadsPlaylist = (channelId: string): string => `UU${channelId.slice(2)}`

/**
 * A channel's key: `UC…` as it is, `@handle` or `user/name` in lower case, or {@link OWN}; null where the text is
 * neither of these, a bare handle, the uploads of a channel, nor a channel's address.
 */
export const parseId = (text: string): string | null => {
  const path = pathOfAddress(text)
  if (path === undefined) return parseWord(text)
  if (path === null) return null
  const [first = '', second = ''] = path.steps
  // Whatever stands behind `/c/` but an id or a handle, the API cannot be asked for.
  if (first === 'channel' || first === 'c')
    return second.startsWith('@') ? parseWord(second) : channel(second)
  if (first === 'user') return username(second)
  return first.startsWith('@') ? handle(first.slice(1)) : null
}

/** Why a text is no channel's, and what to give instead; null = nothing particular. */
export const explainId = (text: string): string | null => {
  const path = pathOfAddress(text)
  if (path === undefined) return explainWord(text)
  const [first = '', second = ''] = path?.steps ?? []
  if (first === 'playlist') return explainPlaylist(text)
  if (path?.host === SHORT_HOST || VIDEO_PATHS.has(first)) return OF_A_VIDEO
  if (first === 'c')
    return 'the API cannot be asked for /c/ names: open the page and take the @handle, or the address under "Share channel"'
  return first === 'channel' ? explainWord(second) : null
}

/** First parts of a youtube.com path that are no channel's own name. */
const RESERVED = [
  ...[
    'about',
    'attribution_link',
    'c',
    'channel',
    'clip',
    'embed',
    'feed',
    'feeds',
    'gaming',
    'hashtag',
    'live',
    'playlist',
  ],
  ...[
    'post',
    'premium',
    'redirect',
    'results',
    'shorts',
    'supported_browsers',
    't',
    'user',
    'v',
    'watch',
    'yt',
  ],
]

/** Addresses of channels within a text, in any of their forms, and channel ids that stand by themselves. */
export const PROFILE_ADDRESS = new RegExp(
  [
    '(?:youtube\\.com/(?:@|channel/|user/|c/@?|(?!(?:',
    RESERVED.join('|'),
    ')(?![\\p{L}\\p{N}_-])))|(?<![\\w-])(?=UC[\\w-]{21}[AQgw](?![\\w-])))',
    '(?<who>[\\p{L}\\p{M}\\p{N}_%](?:[\\p{L}\\p{M}\\p{N}_.·%-]{0,180}[\\p{L}\\p{M}\\p{N}_-])?)',
  ].join(''),
  'giu',
)

/** What a word that {@link parseId} takes for a handle looks like more. */
export const looksLike = (text: string): string | null => (VIDEO.test(text) ? 'a video id' : null)

const VIDEO_PATHS: ReadonlySet<string> = new Set(['watch', 'shorts', 'live', 'embed', 'v'])
const OF_A_VIDEO = 'it is of a video without a whole id, which has 11 characters'

const explainWord = (word: string): string | null => {
  if (isPlaylistId(word)) return `it is of a playlist: write playlist:${word}`
  if (CHANNEL_LIKE.test(word) && word.length !== 24) {
    return `a channel id has 24 characters, this has ${word.length}`
  }
  if (CHANNEL_LIKE.test(word) || UPLOADS_LIKE.test(word)) {
    return 'the last character of a channel id is A, Q, g or w: one is wrong or missing'
  }
  const { length } = [...word.replace(/^@/, '')]
  return length > MOST_CHARACTERS
    ? `a handle has at most ${MOST_CHARACTERS} characters, this has ${length}`
    : null
}

/** A video's id, or its id in an address of it: `watch?v=`, `/shorts/`, `/live/`, `/embed/`, `/v/`, `youtu.be/`. */
export const parseVideo = (text: string): string | null => {
  const path = pathOfAddress(text)
  if (path === undefined) return video(text)
  if (path === null) return null
  const [first = '', second = ''] = path.steps
  if (path.host === SHORT_HOST) return video(first)
  if (first === 'watch') return video(path.query.get('v') ?? '')
  return VIDEO_PATHS.has(first) ? video(second) : null
}

/** A playlist's id, or its id in the address of its page; the uploads of a channel are that channel. */
export const parsePlaylist = (text: string): string | null => {
  const id = playlistIn(text)
  return id !== null && isPlaylistId(id) ? id : null
}

/** Why a text is no playlist's, and what to give instead; null = nothing particular. */
export const explainPlaylist = (text: string): string | null => {
  const id = playlistIn(text) ?? ''
  if (/^(LL|LM|WL|HL)$/.test(id))
    return 'LL, WL and HL are what whoever is logged in liked, keeps for later and has watched: the API does not give these lists'
  if (/^RD/.test(id)) return 'a mix is made anew for each viewer, and the API does not give it'
  return UPLOADS_LIKE.test(id) ? 'it holds all that a channel has uploaded: give the channel (UC…)' : null
}

const playlistIn = (text: string): string | null => {
  const path = pathOfAddress(text)
  if (path === undefined) return text
  return path?.steps[0] === 'playlist' ? path.query.get('list') : null
}

const isPlaylistId = (text: string): boolean => MADE.test(text) || DERIVED.test(text)

/** The channel of whose uploads the site made this playlist; null = it is none of these. */
export const channelOfPlaylist = (id: string): string | null => {
  const [, own] = DERIVED.exec(id) ?? []
  return own === undefined ? null : `UC${own}`
}

/** What `channels.list` is asked by: exactly one filter per call (docs/networks/youtube.md §3). */
export const channelFilter = (keys: readonly string[]): Readonly<Record<string, string>> => {
  const [first = ''] = keys
  if (first.startsWith('@')) return { forHandle: first }
  if (first.startsWith('user/')) return { forUsername: first.slice('user/'.length) }
  return { id: keys.join(',') }
}

const parseWord = (word: string): string | null => {
  if (word === OWN) return OWN
  if (CHANNEL_LIKE.test(word) || UPLOADS_LIKE.test(word)) return channel(word)
  if (isPlaylistId(word)) return null
  if (word.startsWith('user/')) return username(word.slice('user/'.length))
  return handle(word.startsWith('@') ? word.slice(1) : word)
}

const video = (text: string): string | null => (VIDEO.test(text) ? text : null)

/** `UU…` names its channel. */
const channel = (text: string): string | null => {
  const id = text.replace(/^UU/, 'UC')
  return isChannelId(id) ? id : null
}
const handle = (name: string): string | null =>
  HANDLE.test(name) && [...name.normalize('NFC')].length <= MOST_CHARACTERS ? `@${fold(name)}` : null
const username = (name: string): string | null => (USERNAME.test(name) ? `user/${fold(name)}` : null)
const fold = (name: string): string => name.normalize('NFC').toLowerCase()

interface AddressPath {
  /** Without `www.` */
  readonly host: string
  /** Decoded. */
  readonly steps: readonly string[]
  readonly query: URLSearchParams
}

/** What an address says; null = one that is not on our hosts; undefined = not an address. */
const pathOfAddress = (text: string): AddressPath | null | undefined => {
  const bare = /^((www|m|music|studio)\.)?youtube\.com(\/|$)|^youtu\.be\//i.test(text)
  if (!bare && !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return undefined
  const url = URL.parse(bare ? `https://${text}` : text)
  if (url === null || !/^https?:$/.test(url.protocol)) return null
  const host = url.hostname.replace(/^www\./, '')
  if (!HOSTS.some(known => known === host)) return null
  try {
    const steps = url.pathname.split('/').slice(1).map(decodeURIComponent)
    return { host, steps, query: url.searchParams }
  } catch {
    return null
  }
}
