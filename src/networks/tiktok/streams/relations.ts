import type { RelationRecord } from '../../../core/records.ts'
import { type PageRequest, page, type Stream } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { dataOf, firstPart } from '../part.ts'
import { readOnward } from './paging.ts'
import { foldName } from './search.ts'

/** Names of a page. */
export const NAMES_PAGE = 100
/** So many are listed at the most, by what clients saw: 4,000 to 5,000 (docs/networks/tiktok.md §3.5). */
export const NAMES_LISTED = { low: 4000, likely: 4500 } as const
/** Private accounts are counted and not listed: a list that ends with less of what is declared was cut. */
const NEARLY_ALL = 0.8

/** Where a list goes on, as TikTok said, and how many names it has brought. */
type NamesPosition = { readonly place: string | number; readonly seen: number }

/**
 * Who follows a profile, and whom it follows, newest first, by name alone (docs/networks/tiktok.md §3.5). It is read whole each
 * time: nothing says since when somebody follows, and who does no more is only told by a list that lacks them. Whom it
 * follows is often not shared.
 */
const names =
  (list: 'followers' | 'following', relates: 'follower' | 'following') =>
  (api: Api): Stream => ({
    name: list,
    kind: 'profile',
    batch: 1,
    newestFirst: false,
    relates,

    async fetch(request, ctx) {
      const cursor = placeOf(request)?.place
      const part = await api.ask(
        {
          method: 'POST',
          path: `/v2/research/user/${list}/`,
          pool: 'follow',
          fields: [],
          body: {
            username: request.tasks[0]?.externalId ?? '',
            max_count: NAMES_PAGE,
            ...(cursor !== undefined && { cursor }),
          },
          deadlineMs: 60_000,
          shareable: true,
          mayBeBare: true,
        },
        ctx,
      )
      return { parts: [part] }
    },

    normalise(raw, request) {
      const [task] = request.tasks
      const profileId = task?.profileId ?? task?.externalId ?? ''
      const reader = new Reader()
      const data = dataOf(firstPart(raw), reader)
      const listed = data.objects(`user_${list}`)
      const seen = (placeOf(request)?.seen ?? 0) + listed.length
      const { place, reason } = readOnward(data)
      return page({
        records: listed.flatMap(person => relationOf(person, relates, profileId) ?? []),
        rejects: reader.rejects,
        next: place === null ? null : { place, seen },
        reason: reason ?? (place === null && isCut(seen, task?.declared ?? null) ? 'capped' : null),
      })
    },
  })

export const followers = names('followers', 'follower')
export const following = names('following', 'following')

const relationOf = (
  person: Fields,
  kind: RelationRecord['kind'],
  profileId: string,
): RelationRecord | null => {
  const personId = foldName(person.string('username') ?? '')
  if (personId !== '')
    return { type: 'relation', kind, profileId, personId, personName: person.string('display_name') }
  person.reject('a person without a username')
  return null
}

const isCut = (seen: number, declared: number | null): boolean =>
  declared !== null && declared > NAMES_LISTED.low && seen < declared * NEARLY_ALL

/** The one place where a stored cursor becomes ours again. */
const placeOf = ({ cursor }: PageRequest): NamesPosition | null => cursor as NamesPosition | null
