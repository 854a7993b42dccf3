export const HOSTS = ['tiktok.com', 'm.tiktok.com'] as const

/** TikTok's own rule is letters, digits, `_` and `.` up to 24; the API has shown letters of any script (docs/networks/tiktok.md §2). */
const USERNAME = /^(?!\.+$)[\p{L}\p{M}\p{N}_.]{1,24}$/u
/** An account as the Display API names it: opaque, case matters; told from a username by its length or its dash. */
const OPEN_ID = /^(?=.{25}|.*-)[A-Za-z0-9_-]{20,64}$/
/** An account as TikTok's own pages name it inside (`secUid`): no API of TikTok's takes it. */
const SEC_UID = /^MS4w[\w-]{16,}$/
/** A video, as long as TikTok's ids have held its time: since 2014, within 64 bits (docs/networks/tiktok.md §2). */
const VIDEO = /^[6-9]\d{18}$/
const LARGEST = 2n ** 63n - 1n
/** Pages of one video: its own, that of its photos, and those that other sites show it by. */
const VIDEO_PATH =
  /^\/(?:@[^/]*\/(?:video|photo)|video|share\/video|embed(?:\/v\d+)?|player\/v\d+|v)(?:\/([^/]*?)(?:\.html)?)?\/?$/
/** A playlist, by its 19 digits, and its page; what stands before them there is its name. */
const PLAYLIST = /^\d{19}$/
const PLAYLIST_PATH = /^\/@[^/]*\/playlist\/(?:[^/]*-)?(\d{19})\/?$/
/** A hashtag without its #, of any script, and its page. */
const TAG = /^[^\s#@/\\?&,:]{1,150}$/u
const TAG_PATH = /^\/tag\/([^/]+)\/?$/
/** Addresses of profiles, and of what is on them, within a text; a name may be written by its bytes. */
export const PROFILE_ADDRESS =
  /tiktok\.com\/@(?<who>[\p{L}\p{M}\p{N}_%](?:[\p{L}\p{M}\p{N}_.%]{0,140}[\p{L}\p{M}\p{N}_])?)/giu
/** What stands for the token's own account, whatever its name. */
export const ME = 'me'

export const isOpenId = (key: string): boolean => OPEN_ID.test(key) && !SEC_UID.test(key)

/**
 * A profile's key: the username in lower case, or an `open_id` as it is; null where the text is neither of these,
 * an @name, the address of a profile or of something on it but a video or a playlist. Short links name no profile.
 */
export const parseId = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  if (address !== undefined) {
    if (VIDEO_PATH.test(address) || PLAYLIST_PATH.test(address)) return null
    const [, name] = /^\/@([^/]+)(\/|$)/.exec(address) ?? []
    return name === undefined ? null : username(name)
  }
  if (isOpenId(text)) return text
  return username(text.startsWith('@') ? text.slice(1) : text)
}

/** Why a text is no id here although people have it at hand. */
export const explainId = (text: string): string | null => {
  if (SEC_UID.test(text)) {
    return 'a secUid, which no API of TikTok takes: give the @name, or for an own account the open_id or me'
  }
  if (isShortLink(text)) {
    return 'a short link, which does not say whose it is: open it in a browser and use the address that it leads to'
  }
  const address = pathOfAddress(text)
  if (typeof address === 'string' && VIDEO_PATH.test(address)) return OF_A_VIDEO
  return typeof address === 'string'
    ? 'an address without an @name: open it in a browser and use the address that shows the @name'
    : null
}

const OF_A_VIDEO = 'the address of a video without its whole id, which has 19 digits'

/** The id of a video, bare or in an address of it; null = neither. Short links hold none. */
export const parseVideo = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  return address === undefined ? video(text) : video(VIDEO_PATH.exec(address)?.[1] ?? '')
}

/** Why a text is no video's id although people have it at hand. */
export const explainVideo = (text: string): string | null => {
  if (isShortLink(text)) {
    return 'a short link, which does not say of what: open it in a browser and use the address that it leads to'
  }
  if (/^\d+$/.test(text)) return 'the id of a video has 19 digits, and begins with 6 or 7'
  const address = pathOfAddress(text)
  if (typeof address !== 'string') return null
  return VIDEO_PATH.test(address) ? OF_A_VIDEO : 'the address of a video ends in /video/ and its 19 digits'
}

/** The id of a playlist, bare or in its address; null = neither. */
export const parsePlaylist = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  const id = address === undefined ? text : (PLAYLIST_PATH.exec(address)?.[1] ?? '')
  return PLAYLIST.test(id) && BigInt(id) <= LARGEST ? id : null
}

/** A hashtag as it is asked for, without # and in lower case, bare or in its address; null = neither. */
export const parseTag = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  const name = address === undefined ? text.replace(/^#/, '') : (TAG_PATH.exec(address)?.[1] ?? '')
  return TAG.test(name) ? name.normalize('NFC').toLowerCase() : null
}

const video = (text: string): string | null => (VIDEO.test(text) && BigInt(text) <= LARGEST ? text : null)

/** Ids of videos are names too, by their letters. */
export const looksLike = (text: string): string | null => (/^\d{18,20}$/.test(text) ? 'a video id' : null)

const isShortLink = (text: string): boolean =>
  /^(https?:\/\/)?(v[mt]\.tiktok\.com|(www\.|m\.)?tiktok\.com\/t)\//i.test(text)

const username = (name: string): string | null =>
  USERNAME.test(name) ? name.normalize('NFC').toLowerCase() : null

/** The decoded path of an address; null = an address that is not on our hosts; undefined = not an address. */
const pathOfAddress = (text: string): string | null | undefined => {
  const bare = /^(www\.|m\.)?tiktok\.com\//i.test(text)
  if (!bare && !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return undefined
  const url = URL.parse(bare ? `https://${text}` : text)
  if (url === null || !/^https?:$/.test(url.protocol)) return null
  const host = url.hostname.replace(/^www\./, '')
  if (!HOSTS.some(known => known === host)) return null
  try {
    return decodeURIComponent(url.pathname)
  } catch {
    return null
  }
}
