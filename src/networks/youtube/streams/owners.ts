import { FaultError } from '../../../core/fault.ts'
import type { ProfileRecord } from '../../../core/records.ts'
import type { FetchContext, RawPart } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { normaliseChannel } from '../normalise.ts'
import type { ChannelLookUp } from './channels.ts'
import type { Told } from './told.ts'

/** The channels of videos that came, asked for beside them. */
export interface Owners {
  /** Those that were not told of within the hour, in one call; none where there are none, or where they cannot be had. */
  fetch(ctx: FetchContext, videos: readonly RawPart[]): Promise<readonly RawPart[]>
}

export const openOwners = (channels: ChannelLookUp, told: Told): Owners => ({
  async fetch(ctx, videos) {
    const ids = told.untold(ctx.now(), videos.flatMap(ownersIn))
    if (ids.length === 0) return []
    // Before they come: a page beside this one need not ask for them too.
    told.note(ctx.now(), ids)
    try {
      return [await channels(ctx, ids)]
    } catch (error) {
      // The videos are here and paid for; their channels are asked about another time.
      if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
      told.forget(ids)
      return []
    }
  },
})

/** Which method a part of a page answers, by the end of its path. */
export const isOf = (method: 'videos' | 'channels', { request }: RawPart): boolean =>
  String(request.path).endsWith(`/${method}`)

/** The channels among the parts of a page. */
export const readOwners = (reader: Reader, parts: readonly RawPart[]): readonly ProfileRecord[] =>
  parts
    .filter(part => isOf('channels', part))
    .flatMap(part => reader.object(part.json, 'channels')?.objects('items') ?? [])
    .flatMap(channel => normaliseChannel(channel) ?? [])

const ownersIn = ({ json }: RawPart): readonly string[] =>
  (new Reader().object(json, 'videos')?.objects('items') ?? []).flatMap(
    video => video.object('snippet')?.id('channelId') ?? [],
  )
