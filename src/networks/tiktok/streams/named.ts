import { kindOfEntity } from '../../../core/entity.ts'
import { FaultError } from '../../../core/fault.ts'
import { instant } from '../../../core/instant.ts'
import type { MediaRecord, PostRecord } from '../../../core/records.ts'
import { type FetchContext, page, type RawPart, type Stream, type TaskRef } from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { faultOf, readRefusal, type Sense } from '../errors.ts'
import { askedOf, idOf, mediaOf, postOf } from '../normalise.ts'
import { dataOf } from '../part.ts'
import type { SearchBody } from '../wire.ts'
import { compareIds, isWanted } from './bounds.ts'
import { dayOf } from './days.ts'
import { firstSearch, isLate, type NamedSearch, packed, secondSearches } from './named-windows.ts'
import { commentsOf, foldName, MOST, searchOfIds } from './search.ts'

/** Refusals of a search after which its videos are no longer searched for: twenty is a broken week (`walk.ts`). */
const HOPELESS = 20
/** So many videos that are stored may all be taken down; of more, an answer without any is not believed. */
const FEW = 10

/** Refusals that may be about some of the videos, or about how many they are. */
const DIVISIBLE: ReadonlySet<Sense> = new Set(['outage', 'empty', 'request', 'place', 'closed', 'no-user'])
/** What is said of one video alone. */
const SAID: Readonly<Partial<Record<Sense, Reason>>> = {
  'no-video': 'not-found',
  private: 'private',
  refused: 'refused',
}

/**
 * Videos that the list names, a hundred in a search of the days that their ids tell (docs/networks/tiktok.md §7.1). What
 * does not come is searched for once more, in days around, before it is called not found; what is too new for the search
 * is asked for another time. Of its creator a video tells the name alone: whether the account is still there it does not say.
 */
export const named = (api: Api): Stream => ({
  ...byIds(api),
  name: 'named',
  share: () => 'all',
  named: true,
  lists: 'posts',
})

/**
 * Videos that a playlist holds, likewise, as far as the user's dates go. Of one that does not come nothing is said but that it
 * is not found: the playlist is read again the next night, and asks for all of them.
 */
export const collected = (api: Api): Stream => ({
  ...byIds(api),
  name: 'collected',
  share: ({ entityId }) => entityId,
})

const byIds = (api: Api): Omit<Stream, 'name'> => {
  const search = openSearch(api)
  return {
    kind: 'posts',
    batch: MOST,
    pack: packed,
    newestFirst: false,

    async fetch({ tasks }, ctx) {
      const now = instant(ctx.now())
      const ids = tasks.map(({ externalId }) => externalId).toSorted(compareIds)
      const parts = await search.whole(ids, ctx)
      const came = new Set(parts.flatMap(idsIn))
      const asked = new Set(parts.filter(isAnswer).flatMap(idsAsked))
      const isOver = parts.filter(isAnswer).every(isWhole)
      const left = ids.filter(id => asked.has(id) && !came.has(id) && !(isOver && isLate(id, now)))
      if (left.length === 0 || (came.size === 0 && (await ctx.there('post', left)).size > FEW))
        return { parts }
      try {
        for (const again of secondSearches(left, dayOf(now))) parts.push(await search.once(again, ctx))
      } catch (error) {
        // The first answer stands alone; what it lacks is asked for another time.
        if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
      }
      return { parts }
    },

    normalise(raw, { tasks, params, startedAt }) {
      const reader = new Reader()
      const ids = new Set(tasks.map(({ externalId }) => externalId))
      const answers = raw.parts.filter(isAnswer)
      // Data of another type make an answer none: that is noted, as in an answer.
      for (const part of raw.parts) if (!isAnswer(part)) dataOf(part, reader)
      const rows = answers.flatMap(part => readRows(part, ids, reader))
      const posts = new Map(rows.map(row => [row.post.id, row]))
      const came = new Set(answers.flatMap(idsIn))
      const isNamed = ({ entityId }: TaskRef): boolean => kindOfEntity(entityId) === 'post'
      const wanted = [...posts.values()].filter(({ post }) => tasks.every(isNamed) || isWanted(post, params))
      return page({
        records: wanted.flatMap(({ post, media }) => [post, media]),
        children: wanted.map(({ post }) => commentsOf(post, startedAt)),
        identities: tasks.filter(isNamed).flatMap(({ externalId, entityId }) => {
          const post = posts.get(externalId)?.post
          return post === undefined ? [] : { externalId, entityId, profileId: post.profileId }
        }),
        missing: tasks
          .filter(({ externalId }) => !posts.has(externalId))
          .flatMap(task => {
            const { externalId: id } = task
            const reason = came.has(id) ? 'unavailable' : reasonOf(id, raw.parts)
            return isNamed(task) || reason === 'not-found' ? [{ subject: 'post' as const, id, reason }] : []
          }),
        rejects: reader.rejects,
      })
    },
  }
}

interface Search {
  /** All of these, which one window takes in, in as few searches as TikTok takes. */
  whole(ids: readonly string[], ctx: FetchContext): Promise<RawPart[]>
  once(search: NamedSearch, ctx: FetchContext): Promise<RawPart>
}

/**
 * A search that is refused is taken apart by halves, where TikTok answers anything of it: one sick video or day keeps the
 * others from nobody, and how many ids it takes at once is found out (docs/networks/tiktok.md §7).
 */
const openSearch = (api: Api): Search => {
  /** Ids in one search, as far as it is known. */
  let most = MOST
  const ask = ({ ids, window }: NamedSearch, ctx: FetchContext, isPart: boolean): Promise<RawPart> =>
    api.ask(
      {
        ...searchOfIds(ids, window),
        ...(isPart && { tries: 1 }),
        accepts: ({ sense }) =>
          SAID[sense] !== undefined || ((isPart || ids.length > 1) && DIVISIBLE.has(sense)),
      },
      ctx,
    )
  return {
    once: (search, ctx) => ask(search, ctx, true),

    async whole(ids, ctx) {
      const parts: RawPart[] = []
      const today = dayOf(instant(ctx.now()))
      const queue = inGroups(ids, most)
      const sizes = { answered: 0, refused: Number.POSITIVE_INFINITY }
      let refusals = 0
      const isAnswered = async (some: readonly string[]): Promise<boolean> => {
        const part = await ask(firstSearch(some, today), ctx, refusals > 0)
        parts.push(part)
        const refusal = readRefusal(part)
        if (refusal === null) sizes.answered = Math.max(sizes.answered, some.length)
        else if (refusal.sense === 'request') sizes.refused = Math.min(sizes.refused, some.length)
        if (refusal !== null) refusals++
        return refusal === null
      }
      try {
        for (;;) {
          const some = queue.shift()
          if (some === undefined || refusals >= HOPELESS) break
          if ((await isAnswered(some)) || some.length === 1) continue
          queue.unshift(...halvesOf(sizes.answered > 0 ? some : await withoutEnds(some, isAnswered, parts)))
        }
      } catch (error) {
        // What was given is paid for; the rest is asked for another time.
        if (sizes.answered === 0 || !(error instanceof FaultError) || ctx.signal.aborted) throw error
      }
      if (sizes.answered > 0 && sizes.answered < sizes.refused && sizes.refused <= most) most = sizes.answered
      return parts
    },
  }
}

/** Asks for the first and the last of some alone; throws the refusal of all where neither is answered: it is an outage, or the client. */
const withoutEnds = async (
  some: readonly string[],
  isAnswered: (ids: readonly string[]) => Promise<boolean>,
  parts: readonly RawPart[],
): Promise<readonly string[]> => {
  const [lowest = ''] = some
  const refused = parts.at(-1)
  if (await isAnswered([lowest])) return some.slice(1)
  const [highest = ''] = some.slice(-1)
  if (await isAnswered([highest])) return some.slice(1, -1)
  const refusal = refused === undefined ? null : readRefusal(refused)
  if (refused === undefined || refusal === null) throw new Error('a search that was answered is not divided')
  throw faultOf(refusal, { path: String(refused.request.path), pool: 'main' }, refused)
}

const inGroups = (ids: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, nth) => ids.slice(nth * size, (nth + 1) * size))

const halvesOf = (ids: readonly string[]): string[][] => inGroups(ids, Math.max(1, Math.ceil(ids.length / 2)))

const isAnswer = (part: RawPart): boolean => readRefusal(part) === null

/** A page may be short of what is there, and be empty (docs/networks/tiktok.md §3.2). */
const isWhole = (part: RawPart): boolean => dataOf(part, new Reader()).boolean('has_more') !== true

/** The ids that a search was made for. */
const idsAsked = ({ request: { body } }: RawPart): readonly string[] =>
  (body as SearchBody).query.and?.[0]?.field_values ?? []

/** The ids that an answer brought, whether their videos can be read or not. */
const idsIn = (part: RawPart): readonly string[] =>
  dataOf(part, new Reader())
    .objects('videos')
    .flatMap(video => idOf(video) ?? [])

/** Why a video did not come: only what is not there in two answers, the last of them whole, is called not found. */
const reasonOf = (id: string, parts: readonly RawPart[]): Reason => {
  const of = parts.filter(part => idsAsked(part).includes(id))
  const alone = of.flatMap(part => (idsAsked(part).length === 1 ? (readRefusal(part)?.sense ?? []) : []))
  const [said] = alone.flatMap(sense => SAID[sense] ?? [])
  if (said !== undefined) return said
  const answers = of.filter(isAnswer)
  const last = answers.at(-1)
  const isSure = answers.length > 1 && last !== undefined && isWhole(last) && !isLate(id, last.fetchedAt)
  return isSure ? 'not-found' : 'unavailable'
}

interface Row {
  readonly post: PostRecord
  readonly media: MediaRecord
}

/** Searches match loosely (docs/networks/tiktok.md §3.2): only what was asked for. */
const readRows = (part: RawPart, ids: ReadonlySet<string>, reader: Reader): readonly Row[] => {
  const asked = askedOf(part)
  return dataOf(part, reader)
    .objects('videos')
    .flatMap((video: Fields): Row | readonly [] => {
      const id = idOf(video)
      if (id === null || !ids.has(id)) return []
      const username = foldName(video.string('username') ?? '')
      if (username !== '')
        return {
          post: postOf(video, id, { profileId: username, username }, asked),
          media: mediaOf(video, id),
        }
      video.reject('a video without a username')
      return []
    })
}
