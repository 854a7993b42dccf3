import type { ProfileRecord } from '../../../core/records.ts'
import type { Child, Page, PageRequest, RawPage, Stream } from '../../../core/stream.ts'
import { page } from '../../../core/stream.ts'
import type { Memory } from '../../contract.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { channelFilter, isChannelId } from '../ids.ts'
import { normaliseChannel } from '../normalise.ts'
import type { Channel } from '../wire.ts'

const PARTS: readonly (keyof Channel)[] = [
  'snippet',
  'statistics',
  'contentDetails',
  'brandingSettings',
  'status',
]
/** Once made whole channels answer 503 (docs/networks/youtube.md §5). */
const OPTIONAL_PARTS: readonly (keyof Channel)[] = ['topicDetails']
const OUTAGES_BLAMED_ON_PARTS = 2
/** The moment from which they were left out; asked for again a week later. */
const LEFT_OUT_SINCE = 'channels: topicDetails left out since'
const WEEK_MS = 7 * 86_400_000

/** Profiles: up to 50 channel ids in a call, a handle or an old username in a call of its own (docs/networks/youtube.md §2). */
export const openChannels = (api: Api, memory: Memory): Stream => ({
  name: 'channels',
  kind: 'profile',
  batch: 50,
  share: task => (isChannelId(task.externalId) ? 'id' : null),
  newestFirst: false,

  async fetch(request, ctx) {
    const filter = channelFilter(request.tasks.map(task => task.externalId))
    const since = memory.get(LEFT_OUT_SINCE)
    const wary = typeof since === 'number' && ctx.now() - since < WEEK_MS
    let leftOut = wary
    const part = await api.list(ctx, 'channels', outages => {
      leftOut = wary || outages >= OUTAGES_BLAMED_ON_PARTS
      const parts = leftOut ? PARTS : [...PARTS, ...OPTIONAL_PARTS]
      return { part: parts.join(','), ...filter, maxResults: '50' }
    })
    if (leftOut && !wary) memory.set(LEFT_OUT_SINCE, ctx.now())
    return { parts: [part] }
  },

  normalise: (raw, request) => readChannels(raw, request),
})

/** A closed, terminated or unknown channel is no error: it is left out of the answer (docs/networks/youtube.md §5). */
const readChannels = (raw: RawPage, request: PageRequest): Page => {
  const reader = new Reader()
  const found = reader.object(raw.parts[0]?.json, 'channels')?.objects('items') ?? []
  const asked = new Set(request.tasks.map(task => task.externalId))
  const byId = new Map(found.map(channel => [channel.id('id'), channel]))
  // Whose channel an item is that nobody asked for cannot be known: none of the others is called absent then.
  const strangers = found.filter(channel => isChannelId(firstId(asked)) && !asked.has(channel.id('id') ?? ''))
  for (const channel of strangers) channel.reject('a channel that was not asked for')
  const read = request.tasks.map(task => {
    const channel = isChannelId(task.externalId) ? byId.get(task.externalId) : found[0]
    return { task, absent: channel === undefined, record: channel ? normaliseChannel(channel) : null }
  })
  const records = read.flatMap(({ record }) => record ?? [])
  return page({
    records,
    identities: read.flatMap(({ task, record }) =>
      record === null ? [] : { externalId: task.externalId, entityId: record.id, profileId: record.id },
    ),
    children: request.params.kinds.includes('posts') ? records.map(uploadsOf) : [],
    missing: read
      .filter(({ absent }) => absent)
      .map(({ task }) => ({
        subject: 'profile',
        id: task.externalId,
        reason: strangers.length > 0 ? 'unavailable' : 'not-found',
      })),
    rejects: reader.rejects,
  })
}

const firstId = (ids: ReadonlySet<string>): string => [...ids][0] ?? ''

/** Always opened, whatever `videoCount` says: no promise is made of what it counts (docs/networks/youtube.md §5). */
const uploadsOf = ({ id, postsCount }: ProfileRecord): Child => ({
  stream: 'uploads',
  externalId: id,
  profileId: id,
  next: 'start',
  declared: postsCount ?? null,
})
