import { idOfEntity, kindOfEntity } from './entity.ts'
import type { Instant } from './instant.ts'
import type { JsonObject } from './json.ts'
import type { TaskKind } from './task.ts'

/** Lists that a profile may show beside its posts, each asked for and paid for by itself; which of them a network has it says. */
export const LISTS = [
  'liked',
  'pinned',
  'reposted',
  'followers',
  'following',
  'playlists',
  'tagged',
  'older',
] as const
export type ListName = (typeof LISTS)[number]
/** Those that earlier versions knew, which kept them as one flag. */
export const FIRST_LISTS: readonly ListName[] = ['liked', 'pinned', 'reposted']

/** What searches ask for, by their names, each in the words of its network. */
export type Queries = Readonly<Record<string, JsonObject>>

/** What the user wants of a run, the same for all of its jobs. */
export interface Params {
  readonly kinds: readonly TaskKind[]
  /** Posts at or after this moment. */
  readonly since: Instant | null
  /** Posts before this moment. */
  readonly until: Instant | null
  readonly sinceId: string | null
  readonly untilId: string | null
  readonly limitPosts: number | null
  readonly limitComments: number | null
  readonly replies: 'none' | 'inline' | 'full'
  readonly lists: readonly ListName[]
  /** Of a run those that its list may name, of a job its own alone; left out = it has none. */
  readonly queries?: Queries
  /** Posts younger than so many milliseconds are looked at again in any case; null = as the network's policy says. */
  readonly lookbackMs: number | null
  /**
   * Of a job that goes further back than what is covered (`core/watermark.ts`): the comments of covered posts are read
   * where their number moved. Noted when it begins, since later its watermarks say so no more.
   */
  readonly widens?: true
}

/** The parameters of a job: of the searches of its run it has its own alone. */
export const paramsFor = (entityId: string, { queries, ...params }: Params): Params => {
  const query = kindOfEntity(entityId) === 'search' ? queries?.[idOfEntity(entityId)] : undefined
  return query === undefined ? params : { ...params, queries: { [idOfEntity(entityId)]: query } }
}

/** As some version kept them: in earlier ones a single flag stood for all lists. */
type Stored<P extends Pick<Params, 'lists'>> = Omit<P, 'lists'> &
  Partial<Pick<P, 'lists'>> & { readonly likedVideos?: boolean }

/** Parameters of a job or an order, whichever version stored them. */
export const paramsOf = <P extends Pick<Params, 'lists'>>(stored: Stored<P>): P => {
  const { likedVideos, ...params } = stored
  return { ...params, lists: params.lists ?? (likedVideos === true ? FIRST_LISTS : []) } as unknown as P
}
