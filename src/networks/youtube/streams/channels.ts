import { FaultError } from '../../../core/fault.ts'
import type { Params } from '../../../core/params.ts'
import {
  type Child,
  type FetchContext,
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type RawPart,
  type Stream,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { channelFilter, isChannelId, uploadsPlaylist } from '../ids.ts'
import { normaliseChannel } from '../normalise.ts'
import { type Learning, openAskByParts, type Parts } from '../parts.ts'
import type { Channel } from '../wire.ts'
import { idsIn, openWitness } from '../witness.ts'
import type { Told } from './told.ts'

const PARTS = {
  always: ['snippet', 'statistics', 'contentDetails', 'brandingSettings', 'status'],
  optional: ['topicDetails'],
  fact: 'the topics of channels',
} satisfies Parts & Record<'always' | 'optional', readonly (keyof Channel)[]>

/**
 * Asks for channels by their keys, as {@link channelFilter} has them: those parts of them that can be had. A success that
 * says nothing of what it brings is a passing fault.
 */
export type ChannelLookUp = (ctx: FetchContext, keys: readonly string[]) => Promise<RawPart>

export const openChannelLookUp = (api: Api, learning: Learning, told: Told): ChannelLookUp => {
  const ask = openAskByParts(api, 'channels', learning, PARTS)
  return async (ctx, keys) => {
    const query = { ...channelFilter(keys), maxResults: '50' }
    const part = await ask(ctx, keys[0] ?? '', query, { check: hollow })
    told.note(ctx.now(), idsIn(part))
    return part
  }
}

/** Profiles: up to 50 channel ids in a call, a handle or an old username in a call of its own (docs/networks/youtube.md §2). */
export const openChannels = (api: Api, lookUp: ChannelLookUp): Stream => {
  const witness = openWitness(api, { method: 'channels', subject: 'profile', few: 0 })
  return {
    name: 'channels',
    kind: 'profile',
    batch: 50,
    share: task => (isChannelId(task.externalId) ? 'id' : null),
    newestFirst: false,
    onward: ({ profileId, declared }, _, params) => onwardOf(profileId, declared, params),

    async fetch(request, ctx) {
      const asked = request.tasks.map(task => task.externalId)
      const [subject = ''] = asked
      const part = await lookUp(ctx, asked)
      if (!isChannelId(subject)) return { parts: [part] }
      await witness.believe(ctx, part, asked)
      if (asked.length === 1 && idsIn(part).length === 0) await confirmGone(api, ctx, subject)
      return { parts: [part] }
    },

    normalise: (raw, request) => readChannels(raw, request),
  }
}

/** A channel that was there and is left out is gone with its uploads; one whose uploads are listed is merely not told of. */
const confirmGone = async (api: Api, ctx: FetchContext, id: string): Promise<void> => {
  if ((await ctx.there('profile', [id])).size === 0) return
  const query = { part: 'id', playlistId: uploadsPlaylist(id), maxResults: '1' }
  const uploads = await api.list(ctx, 'playlistItems', () => query, { tolerated: ['playlistNotFound'] })
  if (uploads.status === 404) return
  const words = "YouTube's answer to channels leaves the channel out, and its uploads are listed"
  const code = 'empty'
  throw new FaultError({ kind: 'not-found', code, reason: 'unavailable' }, words, {
    cause: new FaultError({ kind: 'transient', code }, words),
  })
}

/** Channels come with what was asked for, or not at all. */
const isHollow = (channel: Fields): boolean =>
  channel.id('id') === null || !(channel.has('snippet') || channel.has('statistics'))

/** A success that says nothing of any channel it brings is none. */
const hollow = (list: Fields): FaultError | null => {
  const items = list.objects('items')
  if (items.length === 0 || !items.every(isHollow)) return null
  return new FaultError(
    { kind: 'transient', code: 'empty', tries: 3 },
    "YouTube's answer to channels says nothing of the channels that it brings",
  )
}

/** A closed, terminated or unknown channel is no error: it is left out of the answer (docs/networks/youtube.md §5). */
const readChannels = (raw: RawPage, request: PageRequest): Page => {
  const reader = new Reader()
  const found = reader.object(raw.parts[0]?.json, 'channels')?.objects('items') ?? []
  const asked = new Set(request.tasks.map(task => task.externalId))
  const byIds = isChannelId(firstId(asked))
  const strangers = found.filter(channel => byIds && channel.has('id') && !asked.has(channel.id('id') ?? ''))
  for (const channel of strangers) channel.reject('a channel that was not asked for')
  const empty = found.filter(isHollow)
  for (const channel of empty) channel.reject(channel.has('id') ? 'nothing but an id' : 'no id')
  const whole = found.filter(channel => !empty.includes(channel))
  const byId = new Map(whole.map(channel => [channel.id('id'), channel]))
  const read = request.tasks.map(task => {
    const channel = byIds ? byId.get(task.externalId) : whole[0]
    return { task, record: channel === undefined ? null : normaliseChannel(channel) }
  })
  // Whose channel an item is that nobody asked for, or that says nothing, cannot be known: no other is called absent then.
  const reason = strangers.length + empty.length > 0 ? 'unavailable' : 'not-found'
  const { params } = request
  return page({
    records: read.flatMap(({ record }) => record ?? []),
    identities: read.flatMap(({ task, record }) =>
      record === null ? [] : { externalId: task.externalId, entityId: record.id, profileId: record.id },
    ),
    children: read.flatMap(({ record }) =>
      record === null ? [] : onwardOf(record.id, record.postsCount ?? null, params),
    ),
    missing: read.flatMap(({ task, record }) =>
      record === null ? { subject: 'profile', id: task.externalId, reason } : [],
    ),
    rejects: reader.rejects,
  })
}

const firstId = (ids: ReadonlySet<string>): string => [...ids][0] ?? ''

/** Always opened, whatever `videoCount` says: no promise is made of what it counts (docs/networks/youtube.md §5). */
const onwardOf = (id: string, declared: number | null, { kinds, lists }: Params): readonly Child[] => {
  const of = { externalId: id, profileId: id, next: 'start' } as const
  return [
    ...(kinds.includes('posts') ? [{ ...of, stream: 'uploads', declared }] : []),
    ...(lists.includes('playlists') ? [{ ...of, stream: 'playlists' }] : []),
  ]
}
