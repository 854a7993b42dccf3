import type { ListName, Params } from '../../../core/params.ts'
import type { ItemRecord, ProfileRecord, SocialRecord } from '../../../core/records.ts'
import { type CallContext, type Child, page, type RawPart, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { readRefusal, type Sense } from '../errors.ts'
import { askedOf, idOf, profileOf } from '../normalise.ts'
import { dataOf, firstPart } from '../part.ts'
import { LIST_FIELDS, RESEARCH_USER_FIELDS } from '../wire.ts'

const DEADLINE_MS = 60_000

/** The lists of videos that a profile's page asks for, and the key of their ids in its `extra`; one that has pages is in no order. */
const SHOWN = [
  {
    name: 'pinned',
    path: '/v2/research/user/pinned_videos/',
    key: 'pinned_videos_list',
    extra: 'pinned_video_ids',
    paged: false,
  },
  {
    name: 'reposted',
    path: '/v2/research/user/reposted_videos/',
    key: 'reposted_videos',
    extra: 'reposted_video_ids',
    paged: true,
  },
] as const satisfies readonly { readonly name: ListName; readonly [key: string]: unknown }[]

const NOT_SHARED: ReadonlySet<Sense> = new Set(['refused', 'private', 'closed', 'barred'])
/** Refusals that leave the profile as it is: it was told before the list was asked for. */
const UNTOLD: ReadonlySet<Sense> = new Set(['outage', 'place', 'request', 'foreign'])

/**
 * A profile, and with `--lists` what else it shows: its pinned videos in their order, and its latest reposted ones (one
 * call each, where it is asked for), as collections whose items are these. Their ids stand in `extra` too: null there means not
 * shared, and what could not be told is left out. They are no posts walks of their own: pinned videos come with the
 * profile's videos, reposted ones are posts of strangers, which stay in the raw zone.
 */
export const user = (api: Api): Stream => ({
  name: 'user',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  onward: ({ profileId, declared }, _, params) => childrenOf({ id: profileId, postsCount: declared }, params),

  async fetch({ tasks: [task], params }, ctx) {
    const username = task?.externalId ?? ''
    const profile = await api.ask(
      {
        method: 'POST',
        path: '/v2/research/user/info/',
        pool: 'main',
        fields: RESEARCH_USER_FIELDS,
        spare: [['bio_url']],
        body: { username },
        deadlineMs: DEADLINE_MS,
      },
      ctx,
    )
    return { parts: [profile, ...(await askLists(api, username, params, ctx))] }
  },

  normalise(raw, { tasks: [task], params }) {
    const username = task?.externalId ?? ''
    const part = firstPart(raw)
    const reader = new Reader()
    const profile = profileOf(dataOf(part, reader), username, askedOf(part))
    const lists = readLists(raw.parts.slice(1), reader)
    const shown = Object.fromEntries(lists.map(({ extra, ids }) => [extra, ids]))
    return page({
      records: [
        lists.length === 0 ? profile : { ...profile, extra: { ...profile.extra, ...shown } },
        ...lists.flatMap(list => collectionOf(list, profile.id)),
      ],
      entire: lists.flatMap(({ name, isEntire }) => (isEntire ? collectionId(name, profile.id) : [])),
      identities: [{ externalId: username, entityId: username, profileId: username }],
      children: childrenOf(profile, params),
      rejects: reader.rejects,
    })
  },
})

const askLists = async (
  api: Api,
  username: string,
  { lists }: Pick<Params, 'lists'>,
  ctx: CallContext,
): Promise<readonly RawPart[]> => {
  const parts: RawPart[] = []
  for (const { name, path, paged } of SHOWN) {
    if (!lists.includes(name)) continue
    parts.push(
      await api.ask(
        {
          method: 'POST',
          path,
          pool: 'main',
          fields: LIST_FIELDS,
          spare: [['favorites_count']],
          body: { username, ...(paged && { max_count: 100 }) },
          deadlineMs: DEADLINE_MS,
          shareable: true,
          mayBeBare: true,
          accepts: ({ sense }) => NOT_SHARED.has(sense) || UNTOLD.has(sense),
        },
        ctx,
      ),
    )
  }
  return parts
}

interface ShownList extends Pick<(typeof SHOWN)[number], 'name' | 'extra' | 'paged'> {
  /** Null = not shared. */
  readonly ids: readonly string[] | null
  /** Whether these are all. */
  readonly isEntire: boolean
}

/** The lists that were asked for and told of. */
const readLists = (parts: readonly RawPart[], reader: Reader): readonly ShownList[] =>
  SHOWN.flatMap(({ name, path, key, extra, paged }): ShownList | readonly [] => {
    const part = parts.find(({ request }) => request.path === path)
    const refusal = part === undefined ? null : readRefusal(part, { mayBeBare: true })
    if (part === undefined || (refusal !== null && UNTOLD.has(refusal.sense))) return []
    if (refusal !== null) return { name, extra, paged, ids: null, isEntire: false }
    const data = dataOf(part, reader)
    const ids = data.objects(key).flatMap(video => idOf(video) ?? [])
    return { name, extra, paged, ids: [...new Set(ids)], isEntire: data.boolean('has_more') !== true }
  })

const collectionId = (name: ShownList['name'], profileId: string): string => `${name}:${profileId}`

const collectionOf = (
  { name, paged, ids, isEntire }: ShownList,
  profileId: string,
): readonly SocialRecord[] => {
  if (ids === null) return []
  const id = collectionId(name, profileId)
  const itemsCount = isEntire ? ids.length : null
  return [
    { type: 'collection', id, kind: name, profileId, itemsCount },
    ...ids.map((postId, at): ItemRecord => {
      return { type: 'item', collectionId: id, postId, position: paged ? null : at }
    }),
  ]
}

/** Lists that are walks of their own, each with what a profile declares of it. */
const WALKED = {
  liked: () => null,
  followers: ({ followersCount }) => followersCount ?? null,
  following: ({ followingCount }) => followingCount ?? null,
} as const satisfies Partial<Record<ListName, (profile: Declaring) => number | null>>

type Declaring = Pick<ProfileRecord, 'id' | 'postsCount' | 'followersCount' | 'followingCount'>

const childrenOf = (profile: Declaring, { lists }: Pick<Params, 'lists'>): readonly Child[] => {
  const known = { externalId: profile.id, profileId: profile.id } as const
  const { postsCount: declared = null } = profile
  const videos = { ...known, stream: 'videos', declared } as const
  return [
    declared === 0 ? { ...videos, next: null, reason: 'none' } : { ...videos, next: 'start' },
    ...Object.entries(WALKED)
      .filter(([name]) => lists.some(list => list === name))
      .map(([stream, of]): Child => ({ ...known, stream, next: 'start', declared: of(profile) })),
  ]
}
