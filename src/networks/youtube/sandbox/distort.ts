import type { Json, JsonObject } from '../../../core/json.ts'
import type { SandboxRequest, Switches } from '../../sandbox.ts'
import type { Envelope, Method } from './method.ts'
import { channelId, readVideoId } from './world/ids.ts'
import type { Entry, Playlist } from './world/playlists.ts'

/**
 * What a sick API makes of a right answer. Switches: `empty-answer`: a success without any item and without a next
 * page; `hollow-items`: of each item nothing but its kind, and with the value `id` its id; `declares-more` n: channels
 * say that they have n videos more than they list. Videos that are `withheld` are not counted either.
 */
export const distort = (
  { path }: Method,
  envelope: Envelope,
  request: SandboxRequest,
  switches: Switches,
): Envelope => {
  const { items = [], ...rest } = envelope
  if (switches.take('empty-answer', request)) {
    const { nextPageToken: _, ...last } = rest
    return { ...last, kind: envelope.kind, ...(path !== 'channels' && { items: [] }) }
  }
  const hollow = switches.take('hollow-items', request)
  if (hollow !== undefined) return { ...envelope, items: items.map(item => hollowOut(item, hollow)) }
  if (path !== 'channels') return envelope
  const more = switches.take('declares-more', request)
  const by = typeof more === 'number' ? more : 0
  const withheld = withheldIn(switches)
  if (by === 0 && withheld.size === 0) return envelope
  return { ...envelope, items: items.map(item => recount(item, by, withheld)) }
}

/** The switch `withheld`: ids of videos that nobody sees yet, whenever they were uploaded. */
export const withheldIn = (switches: Switches): ReadonlySet<string> => {
  const ids = switches.peek('withheld')
  return new Set(Array.isArray(ids) ? ids.map(String) : [])
}

/** What a playlist that somebody made shows: neither what is withheld nor what the switch `taken-out` names. */
export const entriesShown = ({ entries }: Playlist, switches: Switches): readonly Entry[] => {
  const taken = switches.peek('taken-out')
  const away = new Set([...withheldIn(switches), ...(Array.isArray(taken) ? taken.map(String) : [])])
  return away.size === 0 ? entries : entries.filter(({ video }) => !away.has(video.id))
}

const hollowOut = ({ kind, id }: JsonObject, keep: Json): JsonObject => ({
  ...(kind !== undefined && { kind }),
  ...(keep === 'id' && id !== undefined && { id }),
})

const recount = (item: JsonObject, by: number, withheld: ReadonlySet<string>): JsonObject => {
  const statistics = item.statistics as JsonObject | undefined
  if (statistics === undefined) return item
  const away = [...withheld].filter(id => channelId(readVideoId(id)?.[0] ?? -1) === item.id).length
  return {
    ...item,
    statistics: { ...statistics, videoCount: String(Number(statistics.videoCount) + by - away) },
  }
}
