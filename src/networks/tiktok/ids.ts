export const HOSTS = ['tiktok.com', 'm.tiktok.com'] as const

/** TikTok's own rule is letters, digits, `_` and `.` up to 24; the API has shown letters of any script (docs/networks/tiktok.md §2). */
const USERNAME = /^(?!\.+$)[\p{L}\p{M}\p{N}_.]{1,24}$/u
/** An account as the Display API names it: opaque, case matters; told from a username by its length or its dash. */
const OPEN_ID = /^(?=.{25}|.*-)[A-Za-z0-9_-]{20,64}$/

export const isOpenId = (key: string): boolean => OPEN_ID.test(key)

/**
 * A profile's key: the username in lower case, or an `open_id` as it is; null where the text is neither of these,
 * an @name, nor a profile's address. Addresses of videos and short links name no profile.
 */
export const parseId = (text: string): string | null => {
  const address = pathOfAddress(text)
  if (address === null) return null
  if (address !== undefined)
    return /^\/@[^/]+\/?$/.test(address) ? username(address.replace(/^\/@|\/$/g, '')) : null
  if (isOpenId(text)) return text
  return username(text.startsWith('@') ? text.slice(1) : text)
}

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
