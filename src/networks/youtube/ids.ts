/** `UC` and 22 characters, of which the last carries only two bits (docs/networks/youtube.md §2). */
const CHANNEL = /^UC[\w-]{21}[AQgw]$/
/** Looks like a channel id: one with a wrong end is a slip of the pen, never a handle. */
const CHANNEL_LIKE = /^UC[\w-]{22}$/
/** Letters of any script; the length only keeps junk out. */
const HANDLE = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.·-]{0,99}$/u
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,99}$/u

export const HOSTS = ['youtube.com', 'm.youtube.com'] as const

export const isChannelId = (text: string): boolean => CHANNEL.test(text)

/** The playlist that holds all that a channel has published (docs/networks/youtube.md §2). */
export const uploadsPlaylist = (channelId: string): string => `UU${channelId.slice(2)}`

/**
 * A channel's key: `UC…` as it is, `@handle` or `user/name` in lower case; null where the text is neither of these,
 * a bare handle, nor a channel's address. `/c/…` and short links cannot be asked of the API.
 */
export const parseId = (text: string): string | null => {
  const path = pathOfAddress(text)
  if (path === undefined) return parseWord(text)
  if (path === null) return null
  const [first = '', second = ''] = path
  if (first === 'channel') return isChannelId(second) ? second : null
  if (first === 'user') return username(second)
  return first.startsWith('@') ? handle(first.slice(1)) : null
}

/** What `channels.list` is asked by: exactly one filter per call (docs/networks/youtube.md §3). */
export const channelFilter = (keys: readonly string[]): Readonly<Record<string, string>> => {
  const [first = ''] = keys
  if (first.startsWith('@')) return { forHandle: first }
  if (first.startsWith('user/')) return { forUsername: first.slice('user/'.length) }
  return { id: keys.join(',') }
}

const parseWord = (word: string): string | null => {
  if (CHANNEL_LIKE.test(word)) return isChannelId(word) ? word : null
  if (word.startsWith('user/')) return username(word.slice('user/'.length))
  return handle(word.startsWith('@') ? word.slice(1) : word)
}

const handle = (name: string): string | null => (HANDLE.test(name) ? `@${fold(name)}` : null)
const username = (name: string): string | null => (USERNAME.test(name) ? `user/${fold(name)}` : null)
const fold = (name: string): string => name.normalize('NFC').toLowerCase()

/** The decoded steps of an address's path; null = an address that is not on our hosts; undefined = not an address. */
const pathOfAddress = (text: string): readonly string[] | null | undefined => {
  const bare = /^(www\.|m\.)?youtube\.com(\/|$)/i.test(text)
  if (!bare && !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return undefined
  const url = URL.parse(bare ? `https://${text}` : text)
  if (url === null || !/^https?:$/.test(url.protocol)) return null
  const host = url.hostname.replace(/^www\./, '')
  if (!HOSTS.some(known => known === host)) return null
  try {
    return url.pathname.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return null
  }
}
