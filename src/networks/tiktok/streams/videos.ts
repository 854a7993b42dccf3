import type { Instant } from '../../../core/instant.ts'
import type { Params } from '../../../core/params.ts'
import { type Page, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import type { KnownGaps } from './known-gaps.ts'
import type { LaterPages } from './later-pages.ts'
import { BATCH, ofNames, takesOf, windowName } from './search.ts'
import { type Aim, openSeek, readSought } from './seek.ts'
import { nameOfTask, reachOf, type SearchPosition, scopeOf, settle } from './walk.ts'
import { windowChild } from './window.ts'

/**
 * The videos of up to twenty creators, searched for by date windows from today back to `--since`, else to the
 * start of 2018, else until each one's declared number is found and nothing more comes; incremental walks back to
 * where the earliest of theirs begins. Searches match loosely, so every video is held against the names asked for.
 * Days that TikTok does not give are left to tasks of their own, by name and period (`window.ts`).
 *
 * Reposted videos are no part of it: they are posts of strangers, and a second walk of posts would tell the store
 * that all else of the profile is gone (`streams/user.ts` keeps their ids).
 */
export const videos = (api: Api, gaps: KnownGaps, laterPages: LaterPages): Stream => {
  const seek = openSeek(api, gaps, laterPages)
  return {
    name: 'videos',
    kind: 'posts',
    batch: BATCH,
    share: ({ from }, params) => shareOf(from, params),
    // It ends by its windows: creators that share them are through at different places.
    newestFirst: false,
    lists: 'posts',

    fetch: (request, ctx) => seek(request, aimOf(request), ctx),

    normalise(raw, request) {
      const aim = aimOf(request)
      const { asked, place, next, leaves, missing, says, isWhole } = readSought(raw, request, aim, names =>
        takesOf(request.tasks, names),
      )
      return page({
        ...says,
        children: [
          ...says.children,
          ...asked.names.flatMap(name => leaves.map(period => windowChild(name, period))),
        ],
        missing: missing === null ? [] : [{ subject: 'profile', id: missing.name, reason: missing.reason }],
        unlisted: next === null && isWhole ? unlistedOf(place, missing?.name, request) : [],
        next,
        window: windowName(asked, aim.scope),
        reason: next === null && !isWhole ? 'unavailable' : null,
        reached: reachOf(request),
      })
    },
  }
}

const aimOf = (request: PageRequest): Aim => ({
  scope: scopeOf(request),
  names: request.tasks.map(nameOfTask),
  queryOf: ofNames,
})

/**
 * Who is searched for together. A limit counts one profile's posts, so it cannot be shared. Within a month of each
 * other one window more serves both.
 */
export const shareOf = (from: Instant | null, { limitPosts, since }: Params): string | null =>
  limitPosts === null ? `from ${from?.slice(0, 7) ?? since ?? 'the start'}` : null

/** Names that declare videos of which none came, though all were asked for. */
const unlistedOf = (
  place: SearchPosition,
  missing: string | undefined,
  request: PageRequest,
): Page['unlisted'] => {
  const { since, until, sinceId, untilId } = request.params
  if (since !== null || until !== null || sinceId !== null || untilId !== null) return []
  const { found } = settle(place)
  return request.tasks
    .filter(task => nameOfTask(task) !== missing && task.from === null && (task.declared ?? 0) > 0)
    .filter(task => (found[nameOfTask(task)] ?? 0) === 0)
    .map(({ externalId }) => externalId)
}
