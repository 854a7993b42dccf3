import type { Json } from '../../core/json.ts'
import type { Cursor, Page, PageRequest, RawPage, Stream } from '../../core/stream.ts'
import { trim } from '../../core/trim.ts'
import { limitOf } from '../../core/verdict.ts'
import { decode } from '../../http/json.ts'
import type { Network } from '../../networks/contract.ts'
import { offlineStreams } from '../../networks/offline.ts'
import type { StoredPage } from '../../store/admin/stored-pages.ts'

/** A stored page as it is read today, by which stream, and the answers that were read. */
export interface ReadAgain {
  readonly raw: RawPage
  readonly page: Page
  readonly stream: Stream
}

/** Reads stored pages as `engine/step.ts` reads fresh ones. Throws where that cannot be done. */
export const openRawZone = (networks: readonly Network[]): { read(stored: StoredPage): ReadAgain } => {
  const streams = new Map(networks.map(network => [network.name, offlineStreams(network)]))
  /** Where walks go on whose pages were stored without their cursors: as the page before says. */
  const places = new Map<number, Cursor>()

  return {
    read(stored) {
      const { walk, room, recorded } = stored
      if (!recorded) mustBeKnown(stored)
      const stream = streamOf(streams.get(walk.network), walk.stream)
      const cursor = recorded ? walk.cursor : (places.get(walk.id) ?? null)
      const { tasks, params, startedAt } = walk
      const request: PageRequest = { tasks, cursor, params, room, startedAt }
      const raw = { parts: stored.answers().map(part => ({ ...part, json: readJson(part) })) }
      const page = stream.normalise(raw, request)
      if (!recorded && page.next !== null) places.set(walk.id, page.next)
      else places.delete(walk.id)
      const kindOf = (name: string) => streamOf(streams.get(walk.network), name).kind
      return { raw, stream, page: trim(page, walk.kind, { room, perPost: params.limitComments, kindOf }) }
    },
  }
}

/** Of a page that was stored without what it was asked with: it can still be told where nothing depended on more. */
const mustBeKnown = ({ walk: { tasks, kind, params } }: StoredPage): void => {
  if (tasks.length === 0) throw new Error('stored by an older socsync, and its walk began anew since')
  if (tasks.length === 1 && limitOf(kind, params) !== null) {
    throw new Error('stored by an older socsync under a limit: how much of it was wanted is not known')
  }
}

const streamOf = (streams: ReadonlyMap<string, Stream> | undefined, name: string): Stream => {
  const stream = streams?.get(name)
  if (stream === undefined) throw new Error('this socsync has no such stream')
  return stream
}

/** A refusal that a stream read as an answer may be no JSON. */
const readJson = ({ status, text }: { readonly status: number; readonly text: string }): Json => {
  if (status < 400) return decode(text)
  try {
    return decode(text)
  } catch {
    return null
  }
}
