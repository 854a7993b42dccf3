import { idOfEntity, kindOfEntity } from '../../../core/entity.ts'
import type { Params } from '../../../core/params.ts'
import type { CollectionRecord, ItemRecord, SocialRecord } from '../../../core/records.ts'
import { type PageRequest, page, type Stream, type TaskRef } from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import type { Refusal } from '../errors.ts'
import { readQuery } from '../query.ts'
import type { SearchQuery } from '../wire.ts'
import { beginningOf, dayOf, daysBefore, nameOf as periodName, periodOf } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import type { LaterPages } from './later-pages.ts'
import { openPeriod, readPeriod } from './period.ts'
import { foldName, type Takes, windowName } from './search.ts'
import { type Aim, openSeek, readSought } from './seek.ts'
import { DAYS, lastDay, reachOf, type Scope } from './walk.ts'

/**
 * The videos of a hashtag, or of a query of the user's own, by windows as a creator's are: back to `--since`, else of
 * the last thirty days, since nothing says beforehand how many there are, and all years are a hundred windows. TikTok
 * matches loosely, and what it gives is kept. Of its creator a video tells the name alone: whether the account is still
 * there it does not say (docs/networks/tiktok.md §7.2).
 */
export const found = (api: Api, gaps: KnownGaps, laterPages: LaterPages): Stream => {
  const seek = openSeek(api, gaps, laterPages)
  return {
    name: 'found',
    kind: 'posts',
    batch: 1,
    newestFirst: false,
    lists: 'posts',

    fetch: (request, ctx) => seek(request, aimOf(request, scopeOf(request)), ctx),

    normalise(raw, request) {
      const task = taskOf(request)
      const aim = aimOf(request, scopeOf(request))
      const { asked, next, leaves, says, isWhole } = readSought(raw, request, aim, takesOf)
      return page({
        ...says,
        records: [
          ...(request.cursor === null ? [collectionOf(task, request.params)] : []),
          ...withItems(says.records, task),
        ],
        children: [
          ...says.children,
          ...leaves.map(period => ({
            stream: 'found-days',
            externalId: periodName(period),
            next: 'start' as const,
            declared: null,
          })),
        ],
        next,
        window: windowName(asked, aim.scope),
        reason: next === null && !isWhole ? 'unavailable' : null,
        reached: reachOf(request) ?? (request.params.since === null ? beginningOf(aim.scope.floor) : null),
      })
    },
  }
}

/** Days of a {@link found} that its walk could not have, by themselves: `2023-10-08..2023-10-10`. */
export const foundDays = (api: Api, gaps: KnownGaps): Stream => {
  const ask = openPeriod(api, gaps)
  const daysAim = (request: PageRequest): Aim => {
    const { start, end } = periodOf(taskOf(request).externalId)
    return aimOf(request, { floor: start, last: end, declared: {} })
  }
  return {
    name: 'found-days',
    kind: 'posts',
    batch: 1,
    newestFirst: false,

    fetch: (request, ctx) => ask(request, daysAim(request), ctx),

    normalise(raw, request) {
      const { page: read } = readPeriod(raw, request, daysAim(request), takesOf)
      return { ...read, records: withItems(read.records, taskOf(request)) }
    },
  }
}

const taskOf = ({ tasks: [task] }: PageRequest): TaskRef => {
  if (task === undefined) throw new Error('a search is of one task')
  return task
}

const scopeOf = (request: PageRequest): Scope => {
  const last = lastDay(request)
  const since = reachOf(request) ?? request.params.since
  return { floor: since === null ? daysBefore(last, DAYS) : dayOf(since), last, declared: {} }
}

const aimOf = (request: PageRequest, scope: Scope): Aim => {
  const query = queryOf(taskOf(request), request.params)
  return {
    scope,
    // What is searched for takes the place of a creator's name: all that comes counts for it.
    names: [taskOf(request).entityId],
    queryOf: () => query,
    isFinal: isOfName,
  }
}

/** A name in the query itself is not the walk's to leave out. */
const isOfName = ({ sense }: Refusal): boolean =>
  sense === 'no-user' || sense === 'refused' || sense === 'private'

const queryOf = ({ entityId }: TaskRef, { queries }: Params): SearchQuery => {
  const id = idOfEntity(entityId)
  if (kindOfEntity(entityId) === 'tag')
    return { and: [{ operation: 'EQ', field_name: 'hashtag_name', field_values: [id] }] }
  const read = readQuery(queries?.[id] ?? null)
  if ('problem' in read) throw new Error(`the search ${id}: ${read.problem}`)
  return read.query
}

/** All that a search gives is of it. */
const takesOf =
  ([name = '']: readonly string[]): Takes =>
  video => {
    const username = foldName(video.string('username') ?? '')
    if (username !== '') return { name, username }
    video.reject('a video without a username')
    return null
  }

const collectionOf = (task: TaskRef, params: Params): CollectionRecord => {
  const { entityId } = task
  const [kind, id] = [kindOfEntity(entityId) === 'tag' ? 'tag' : 'search', idOfEntity(entityId)] as const
  return {
    type: 'collection',
    id: entityId,
    kind,
    title: kind === 'tag' ? `#${id}` : id,
    extra: { query: queryOf(task, params) },
  }
}

/** Each video that came, as one of what is searched for; a search has no order of its own. */
const withItems = (
  records: readonly SocialRecord[],
  { entityId: collectionId }: TaskRef,
): readonly SocialRecord[] => [
  ...records,
  ...records.flatMap((record): ItemRecord | readonly [] =>
    record.type === 'post' ? { type: 'item', collectionId, postId: record.id } : [],
  ),
]
