/**
 * Ids that look like the network's and can be read back: the place of a thing in the world (account, post,
 * child; or account, post, comment, reply) as one number, its digits mixed by a reversible network of four
 * rounds. So nobody can mistake their order for time, and a look-up by id costs nothing.
 */

const ROUNDS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f]

const mix = (value: number, round: number, size: number): number => {
  const h = Math.imul(value ^ round, 0x2c1b3c6d)
  return ((h ^ (h >>> 15)) >>> 1) % size
}

/** A number below size² to another one, each to its own. */
const scramble = (value: number, size: number): number => {
  let high = Math.floor(value / size)
  let low = value - high * size
  for (const round of ROUNDS) {
    const mixed = (high + mix(low, round, size)) % size
    high = low
    low = mixed
  }
  return high * size + low
}

const unscramble = (value: number, size: number): number => {
  let high = Math.floor(value / size)
  let low = value - high * size
  for (const round of ROUNDS.toReversed()) {
    const mixed = (low + size - mix(high, round, size)) % size
    low = high
    high = mixed
  }
  return high * size + low
}

const code = (prefix: string, digits: number) => {
  const size = 10 ** (digits / 2)
  return {
    write: (value: number): string => prefix + String(scramble(value, size)).padStart(digits, '0'),
    read: (id: string): number | null =>
      id.length === prefix.length + digits && id.startsWith(prefix) && /^\d+$/.test(id)
        ? unscramble(Number(id.slice(prefix.length)), size)
        : null,
  }
}

const users = code('17841', 12)
const scoped = code('26843', 12)
const media = code('180', 14)
const comments = code('179', 14)

export interface MediaPlace {
  readonly account: number
  readonly post: number
  /** 0 = the post itself, 1 = the first child. */
  readonly child: number
}

export interface CommentPlace {
  readonly account: number
  readonly post: number
  readonly comment: number
  /** 0 = the comment itself, 1 = its first reply. */
  readonly reply: number
}

export const userId = (account: number): string => users.write(account)
export const readUserId = (id: string): number | null => users.read(id)

/** The other id that the Instagram host has for an account: known to one app only, and no key of the account. */
export const scopedId = (account: number): string => scoped.write(account)
export const readScopedId = (id: string): number | null => scoped.read(id)

/** Below a million accounts, a million posts each, 100 children each. */
export const mediaId = ({ account, post, child }: MediaPlace): string =>
  media.write(account * 1e8 + post * 100 + child)

export const readMediaId = (id: string): MediaPlace | null => {
  const value = media.read(id)
  if (value === null) return null
  return { account: Math.floor(value / 1e8), post: Math.floor(value / 100) % 1e6, child: value % 100 }
}

/** Below ten accounts of our own, a million posts each, 10 000 comments each, 1 000 replies each. */
export const commentId = ({ account, post, comment, reply }: CommentPlace): string =>
  comments.write(account * 1e13 + post * 1e7 + comment * 1000 + reply)

export const readCommentId = (id: string): CommentPlace | null => {
  const value = comments.read(id)
  if (value === null) return null
  return {
    account: Math.floor(value / 1e13),
    post: Math.floor(value / 1e7) % 1e6,
    comment: Math.floor(value / 1000) % 1e4,
    reply: value % 1000,
  }
}

/** The moment that media ids of the older kind count from. */
const IG_EPOCH = 1_314_220_021_721
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The 19-digit media id: upload time in milliseconds, then 23 bits (docs/networks/instagram.md §4). */
export const igId = (createdAt: number, bits: number): string =>
  String((BigInt(createdAt - IG_EPOCH) << 23n) | BigInt(bits & 0x7fffff))

/** The base64url of the same number, taken in two halves that doubles hold exactly. */
export const shortcode = (createdAt: number, bits: number): string => {
  const low = bits & 0x3ffff
  let high = (createdAt - IG_EPOCH) * 32 + ((bits & 0x7fffff) >>> 18)
  let text = BASE64.charAt(low >>> 12) + BASE64.charAt((low >>> 6) & 63) + BASE64.charAt(low & 63)
  for (; high > 0; high = Math.floor(high / 64)) text = BASE64.charAt(high % 64) + text
  return text
}
