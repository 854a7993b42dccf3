/**
 * Ids in the real forms (docs/networks/youtube.md §2) that can be turned back into the numbers they were made from: three
 * numbers in 64 bits, scrambled by a Feistel network. They do not depend on the seed, so that tests can name them.
 * Reading an id ends with writing it again: what does not come out the same is no id of this world.
 */

type Block = readonly [number, number]
/** Channel (24 bits), video and thread (20 bits each), counted from 0. */
type WorldIndex = readonly [channel: number, video: number, thread: number]

const ROUNDS = [0x9e3779b9, 0x7f4a7c15, 0x85ebca6b, 0xc2b2ae35] as const
const BACKWARDS = [...ROUNDS].reverse()

const mix = (half: number, key: number): number => {
  let h = Math.imul(half ^ key, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
  return (h ^ (h >>> 13)) >>> 0
}

const scramble = ([a, b]: Block, salt: number): Block => {
  let [left, right] = [a, b]
  for (const key of ROUNDS) [left, right] = [right, (left ^ mix(right, key ^ salt)) >>> 0]
  return [left, right]
}

const unscramble = ([a, b]: Block, salt: number): Block => {
  let [left, right] = [a, b]
  for (const key of BACKWARDS) [left, right] = [(right ^ mix(left, key ^ salt)) >>> 0, left]
  return [left, right]
}

const packPlace = ([channel, video, thread]: WorldIndex): Block => [
  ((channel << 8) | (video >>> 12)) >>> 0,
  ((video << 20) | thread) >>> 0,
]

const unpackPlace = ([high, low]: Block): WorldIndex => [
  high >>> 8,
  ((high & 0xff) << 12) | (low >>> 20),
  low & 0xfffff,
]

const base64url = (words: readonly number[]): string => {
  const bytes = Buffer.allocUnsafe(words.length * 4)
  words.forEach((word, index) => {
    bytes.writeUInt32BE(word, index * 4)
  })
  return bytes.toString('base64url')
}

const readBlock = (text: string): Block | null => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length < 8 ? null : [bytes.readUInt32BE(0), bytes.readUInt32BE(4)]
}

/** Two words that only serve to fill a form. */
const filler = ([a, b]: Block): Block => [mix(a, b), mix(b, a)]

const SALT = { channel: 0x11, video: 0x22, thread: 0x33, reply: 0x44, playlist: 0x55 } as const

const readPlace = (text: string, salt: number): WorldIndex | null => {
  const block = readBlock(text)
  return block === null ? null : unpackPlace(unscramble(block, salt))
}

/** The inverse of a writer, from a reader that need not look at everything. */
const proven = <T>(id: string, value: T | null, write: (value: T) => string): T | null =>
  value !== null && write(value) === id ? value : null

/** `UC` and 22 characters. */
export const channelId = (channel: number): string => {
  const block = scramble([channel, 0], SALT.channel)
  return `UC${base64url([...block, ...filler(block)])}`
}

export const readChannelId = (id: string): number | null => {
  const block = readBlock(id.slice(2))
  return proven(id, block && unscramble(block, SALT.channel)[0], channelId)
}

/** 11 characters. */
export const videoId = (channel: number, video: number): string =>
  base64url(scramble(packPlace([channel, video, 0]), SALT.video))

export const readVideoId = (id: string): readonly [channel: number, video: number] | null => {
  const place = readPlace(id, SALT.video)
  return proven(id, place, ([channel, video]) => videoId(channel, video)) && place && [place[0], place[1]]
}

/** What the site gave out at the time: 33 characters in the Google+ years, then 20, then 26. */
type Era = 'z12' | 'Ugi' | 'Ug'

const ERA_ENDS = [
  ['z12', Date.UTC(2016, 0)],
  ['Ugi', Date.UTC(2017, 6)],
] as const

/** The form of a thread's id by the moment it was written. */
export const eraOf = (createdAt: number): Era => ERA_ENDS.find(([, end]) => createdAt < end)?.[0] ?? 'Ug'

const base36 = (word: number): string => word.toString(36).padStart(7, '0')

const WRITE_THREAD: Readonly<Record<Era, (block: Block) => string>> = {
  z12: block => `z12${block.map(base36).join('')}04${filler(block).map(base36).join('')}`,
  Ugi: block => `Ugi${base64url(block)}gCoAEC`,
  Ug: block => `Ug${'wxyz'.charAt(mix(...block) & 3)}${base64url([...block, mix(...block)])}4AaABAg`,
}

export const threadId = (place: WorldIndex, era: Era): string =>
  WRITE_THREAD[era](scramble(packPlace(place), SALT.thread))

/** The place and the era that the id claims; whether that thread is of this era only the world knows. */
export const readThreadId = (id: string): { readonly place: WorldIndex; readonly era: Era } | null => {
  const era: Era = id.startsWith('z12') ? 'z12' : id.length === 20 ? 'Ugi' : 'Ug'
  const place =
    era === 'z12'
      ? unpackPlace(
          unscramble(
            [Number.parseInt(id.slice(3, 10), 36), Number.parseInt(id.slice(10, 17), 36)],
            SALT.thread,
          ),
        )
      : readPlace(id.slice(3), SALT.thread)
  return proven(id, place && { place, era }, value => threadId(value.place, value.era))
}

/** The thread's id, a dot, 22 characters. */
export const replyId = (thread: string, reply: number): string => {
  const block = scramble([reply, 0], SALT.reply)
  return `${thread}.${base64url(block)}${base64url(filler([reply, thread.length]))}`
}

export const readReplyId = (id: string): { readonly thread: string; readonly reply: number } | null => {
  const dot = id.indexOf('.')
  const block = dot < 0 ? null : readBlock(id.slice(dot + 1, dot + 12))
  const value = block && { thread: id.slice(0, dot), reply: unscramble(block, SALT.reply)[0] }
  return proven(id, value, ({ thread, reply }) => replyId(thread, reply))
}

/** Playlists that the site makes by itself, by the letters in place of the channel's `UC` (docs/networks/youtube.md §2). */
const DERIVED_PLAYLISTS = ['UULF', 'UUSH', 'UULV', 'UU'] as const
export type DerivedPlaylist = (typeof DERIVED_PLAYLISTS)[number]

export const uploadsId = (channel: string): string => `UU${channel.slice(2)}`

export const readPlaylistId = (
  id: string,
): { readonly kind: DerivedPlaylist; readonly channel: number } | null => {
  const kind = DERIVED_PLAYLISTS.find(prefix => id.startsWith(prefix) && id.length === prefix.length + 22)
  const channel = kind === undefined ? null : readChannelId(`UC${id.slice(kind.length)}`)
  return kind === undefined || channel === null ? null : { kind, channel }
}

/** `PL` and 32 characters: a playlist that the people of a channel made. */
export const madePlaylistId = (channel: number, playlist: number): string => {
  const block = scramble([channel, playlist], SALT.playlist)
  return `PL${base64url([...block, ...filler(block), ...scramble(block, SALT.playlist)])}`
}

export const readMadePlaylistId = (id: string): readonly [channel: number, playlist: number] | null => {
  const block = id.startsWith('PL') ? readBlock(id.slice(2)) : null
  return proven(id, block && unscramble(block, SALT.playlist), place => madePlaylistId(...place))
}

/** base64url of `<playlist>.<entry>`: the video where the site made the playlist, else 16 hex digits (docs/networks/youtube.md §2). */
export const playlistItemId = (playlist: string, entry: string): string =>
  Buffer.from(`${playlist}.${entry}`).toString('base64url')

export const readPlaylistItemId = (
  id: string,
): { readonly playlist: string; readonly entry: string } | null => {
  const [playlist = '', entry = ''] = Buffer.from(id, 'base64url').toString('latin1').split('.')
  return proven(id, { playlist, entry }, value => playlistItemId(value.playlist, value.entry))
}
