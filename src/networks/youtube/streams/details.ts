import { type Fault, FaultError } from '../../../core/fault.ts'
import { instant } from '../../../core/instant.ts'
import { type Child, type FetchContext, page, type RawPart, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { taskOf } from './paging.ts'
import { FEW, filterOf, idsAsked, readVideos, type VideoLookUp } from './videos.ts'

/** So often a page asks for its details, each night again, and then so often the task that they become. */
const TRIES = { ofPage: 1, ofTask: 3 } as const

/**
 * Details that a page of uploads, or of a playlist, could not get: asked for by themselves, so that the list goes on. What another
 * page brought meanwhile is not asked for.
 */
export const openDetails = (lookUp: VideoLookUp): Stream => ({
  name: 'details',
  kind: 'posts',
  batch: 1,
  newestFirst: false,

  async fetch(request, ctx) {
    const ids = new Reader().object(request.cursor, 'cursor')?.raw.ids
    const owed = Array.isArray(ids) ? ids.map(String) : taskOf(request).externalId.split(OF_LIST).slice(0, 1)
    const known = await ctx.known(owed)
    const left = owed.filter(id => !known.has(id))
    return { parts: left.length === 0 ? [] : [await lookUp.fetch(ctx, left, { tries: TRIES.ofTask })] }
  },

  normalise(raw, request) {
    const reader = new Reader()
    const { profileId } = taskOf(request)
    const [part] = raw.parts
    if (part === undefined) return page({})
    return page({
      ...readVideos(reader, part, { profileId, params: request.params }),
      rejects: reader.rejects,
    })
  },
})

/** Faults that are about this one call: a list need not wait for it. */
const OWED: ReadonlySet<Fault['kind']> = new Set(['transient', 'rejected', 'unreadable', 'forbidden'])

export const isOfOneCall = (error: unknown): boolean =>
  error instanceof FaultError && OWED.has(error.fault.kind)

/**
 * Details of what a page lists; where they cannot be had, what is left to be asked for: null = nothing, as the ids are
 * stored already and a look-up follows. That a few new ones do not come need not be confirmed: the next night asks again.
 */
export const fetchOrOwe = async (
  lookUp: VideoLookUp,
  ctx: FetchContext,
  ids: readonly string[],
  { areNew }: { readonly areNew: boolean },
): Promise<RawPart | null> => {
  const ask = areNew && ids.length <= FEW ? lookUp.fetchAgain : lookUp.fetch
  try {
    return await ask(ctx, ids, { tries: TRIES.ofPage })
  } catch (error) {
    if (!isOfOneCall(error)) throw error
    const known = await ctx.known(ids)
    const owed = ids.filter(id => !known.has(id))
    if (owed.length === 0) return null
    return leave(ctx, owed)
  }
}

/** Details of these videos that are not asked for with their page. */
export const leave = (ctx: FetchContext, ids: readonly string[]): RawPart => ({
  request: { method: 'GET', path: '/youtube/v3/videos', query: filterOf(ids) },
  status: UNANSWERED,
  fetchedAt: instant(ctx.now()),
  text: 'null',
  json: null,
})

/** In the place of a status, where only what was asked is kept. */
const UNANSWERED = 0

/** The ids of videos whose details could not be had with their page. */
export const owedBy = (part: RawPart): readonly string[] => (part.status === UNANSWERED ? idsAsked(part) : [])

/** Between a video and the list that owes it, where a job reads several that may owe the same. */
const OF_LIST = '@'

/**
 * By its oldest video: newer ones come before it, so that the same page finds the same task on the next night. What
 * came since is not in it, and is asked for by the page again as long as it is not stored. `profileId` null = they are of several.
 */
export const detailsOf = (
  owed: readonly string[],
  profileId: string | null,
  list: string | null = null,
): readonly Child[] => {
  const oldest = owed.at(-1)
  if (oldest === undefined) return []
  const externalId = list === null ? oldest : `${oldest}${OF_LIST}${list}`
  const child = { stream: 'details', externalId, next: { ids: owed } }
  return [profileId === null ? child : { ...child, profileId }]
}
