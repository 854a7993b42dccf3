/** First parts of an instagram.com path that are no username. */
const RESERVED: ReadonlySet<string> = new Set([
  'accounts',
  'about',
  'developer',
  'direct',
  'explore',
  'legal',
  'p',
  'reel',
  'reels',
  's',
  'share',
  'stories',
  'tv',
])

/** Below a username these lead to one post, not to the profile. */
const POSTS: ReadonlySet<string> = new Set(['p', 'reel', 'tv'])

const USERNAME = /^(?!.*\.\.)[a-z0-9_][a-z0-9._]{0,29}$/
const OWN_ID = /^\d{10,20}$/

/** Whether a key is an own account's numeric id; all others are usernames. */
export const isOwnId = (key: string): boolean => OWN_ID.test(key)

/**
 * `@NatGeo`, `natgeo` and `https://www.instagram.com/natgeo/` are `natgeo`; ten digits or more are the id of a
 * token's own account. Addresses of posts are no profile, and neither is a name that would pass for an id.
 */
export const parseId = (text: string): string | null => {
  if (isOwnId(text)) return text
  const name = (text.startsWith('@') ? text.slice(1) : (nameInAddress(text) ?? text)).toLowerCase()
  return USERNAME.test(name) && !isOwnId(name) ? name : null
}

const ADDRESS = /^(?:https?:\/\/)?(?:(?:www|m)\.)?instagram\.com\/([^/?#]+)(?:\/([^/?#]*))?/i

const nameInAddress = (text: string): string | null => {
  const [, name = '', below = ''] = ADDRESS.exec(text) ?? []
  if (name === '') return null
  // What is no profile stays an address, which is no username.
  return RESERVED.has(name.toLowerCase()) || POSTS.has(below.toLowerCase()) ? null : name
}
