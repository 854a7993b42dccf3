export const HOSTS = ['tiktok.com', 'm.tiktok.com'] as const

/** TikTok's own rule is letters, digits, `_` and `.` up to 24; the API has shown letters of any script (docs/networks/tiktok.md §2). */
const USERNAME = /^(?!\.+$)[\p{L}\p{M}\p{N}_.]{1,24}$/u
/** An account as the Display API names it: opaque, case matters; told from a username by its length or its dash. */
const OPEN_ID = /^(?=.{25}|.*-)[A-Za-z0-9_-]{20,64}$/
/** An account as TikTok's own pages name it inside (`secUid`): no API of TikTok's takes it. */
const SEC_UID = /^MS4w[\w-]{16,}$/
/** Addresses of profiles, and of what is on them, within a text; a name may be written by its bytes. */
export const PROFILE_ADDRESS =
  /tiktok\.com\/@(?<who>[\p{L}\p{M}\p{N}_%](?:[\p{L}\p{M}\p{N}_.%]{0,140}[\p{L}\p{M}\p{N}_])?)/giu
/** What stands for the token's own account, whatever its name. */
export const ME = 'me'

export const isOpenId = (key: string): boolean => OPEN_ID.test(key) && !SEC_UID.test(key)

/**
 * A profile's key: the username in lower case, or an `open_id` as it is; null where the text is neither of these,
 * an @name, the address of a profile or of something on it. Short links name no profile.
 */
export const parseId = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  if (address !== undefined) {
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
  return typeof address === 'string'
    ? 'an address without an @name: open it in a browser and use the address that shows the @name'
    : null
}

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
