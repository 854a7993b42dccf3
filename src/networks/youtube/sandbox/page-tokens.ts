import { hash32, letters } from '../../seeded.ts'

/** Where a page begins, or, read backwards, where it ends. */
export interface PagePlace {
  readonly offset: number
  readonly backward: boolean
  /** Tells tokens of the same place apart: 0, or more after an empty page. */
  readonly turn: number
}

/**
 * Page tokens in the form of one method (docs/networks/youtube.md §6). `binding` = the filter they belong to: a token that
 * is read with another one gives null, as does anything else that was not written here.
 */
export interface PageTokens {
  write(place: PagePlace, binding: string): string
  read(token: string, binding: string): PagePlace | null
}

/** Base64url of protobuf {1: offset, 2: direction}: `CDIQAA`. Has no room for a filter: any list takes it. */
export const CLASSIC: PageTokens = {
  write: ({ offset, backward }) => base64url([0x08, ...varint(offset), 0x10, backward ? 1 : 0]),
  read: token =>
    proven(CLASSIC, token, '', {
      offset: readVarint(bytesOf(token), 1),
      backward: bytesOf(token).at(-1) === 1,
      turn: 0,
    }),
}

/** {2: direction, 3: `PT:` + base64url({1: offset, 4: anchor})}; the anchor's 16 hex digits hold filter and turn. */
export const PLAYLIST_ITEMS: PageTokens = {
  write({ offset, backward, turn }, binding) {
    const anchor = hex(hash32(binding)) + hex((turn ^ hash32(binding, 'turn')) >>> 0)
    const inner = `PT:${base64url([0x08, ...varint(offset), 0x22, 16, ...Buffer.from(anchor)])}`
    return base64url([0x10, backward ? 1 : 0, 0x1a, inner.length, ...Buffer.from(inner)])
  },
  read(token, binding) {
    const outer = bytesOf(token)
    const inner = bytesOf(Buffer.from(outer).toString('latin1', 7))
    const turn =
      (Number.parseInt(Buffer.from(inner).toString('latin1', inner.length - 8), 16) ^
        hash32(binding, 'turn')) >>>
      0
    return proven(PLAYLIST_ITEMS, token, binding, {
      offset: readVarint(inner, 1),
      backward: outer[1] === 1,
      turn,
    })
  },
}

/** Base64 of a text that says how it is ordered, then what nobody outside can read: place, and letters that the binding decides. */
const opaque = (prefix: string, padding: number): PageTokens => {
  const tokens: PageTokens = {
    write({ offset, turn }, binding) {
      const place = Buffer.from(`${offset}.${turn}`).toString('base64url')
      return Buffer.from(`${prefix}${place}~${letters(SIGNS, padding, binding, offset)}`).toString('base64')
    },
    read(token, binding) {
      const [place = ''] = Buffer.from(token, 'base64').toString('latin1').slice(prefix.length).split('~')
      const [offset, turn] = Buffer.from(place, 'base64url').toString('latin1').split('.').map(Number)
      return proven(tokens, token, binding, { offset: offset ?? -1, backward: false, turn: turn ?? 0 })
    },
  }
  return tokens
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Those by relevance have over 1,000 characters. */
export const THREADS = {
  time: opaque('get_newest_first--', 40),
  relevance: opaque('get_ranked_streams--', 800),
}

/** The parent's id is inside: it is the binding. */
export const REPLIES: PageTokens = {
  write({ offset, turn }, parent) {
    const inner = Buffer.from(`${offset}.${turn}.${parent}`).toString('base64url')
    return Buffer.from(`GAI${inner}`).toString('base64')
  },
  read(token, parent) {
    const inner = Buffer.from(token, 'base64').toString('latin1').slice(3)
    const [offset, turn] = Buffer.from(inner, 'base64url').toString('latin1').split('.').map(Number)
    return proven(REPLIES, token, parent, { offset: offset ?? -1, backward: false, turn: turn ?? 0 })
  },
}

const proven = (tokens: PageTokens, token: string, binding: string, place: PagePlace): PagePlace | null =>
  Number.isSafeInteger(place.offset) && place.offset >= 0 && tokens.write(place, binding) === token
    ? place
    : null

const hex = (word: number): string => word.toString(16).padStart(8, '0')
const base64url = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64url')
const bytesOf = (token: string): readonly number[] => [...Buffer.from(token, 'base64url')]

const varint = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]

const readVarint = (bytes: readonly number[], at: number): number => {
  const byte = bytes[at]
  if (byte === undefined || at > 5) return Number.NaN
  return byte < 0x80 ? byte : (byte & 0x7f) | (readVarint(bytes, at + 1) << 7)
}
