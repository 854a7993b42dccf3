import { coverText, namesInTexts } from '../../pseudonyms/texts.ts'
import type { ProfileFigures, ReportData, TopPost } from '../../report/data.ts'
import type { Change } from '../../store/reports/changes.ts'
import type { PeopleCover } from './cover.ts'
import { coverSubject } from './rows.ts'

/** What a report shows of profiles, with the people in it covered. Changes and what is missing are covered where they are gathered. */
export const coverReport = (data: ReportData, cover: PeopleCover): ReportData => ({
  ...data,
  profile: data.profile === null ? null : nameOfProfile(data.network ?? '', data.profile, cover),
  profiles: data.profiles.map(profile => ({ ...profile, ...coverProfile(profile, cover) })),
  top: data.top.map(post => coverPost(post, cover)),
  // A quota may be an account's, which may be of the list.
  costs: data.costs.map(cost => ({
    ...cost,
    pool: cover.whom === 'all' ? coverSubject(cost.pool, cost.network, cover) : cost.pool,
  })),
})

type Who = Pick<ProfileFigures, 'network' | 'id' | 'username' | 'name'>

const coverProfile = <T extends Who>(
  profile: T & { readonly url?: string | null },
  cover: PeopleCover,
): T => {
  const of = (word: string): string => nameOfProfile(profile.network, word, cover)
  return {
    ...profile,
    id: of(profile.id),
    username: profile.username === null ? null : of(profile.username),
    name: profile.name === null ? null : of(profile.name),
    ...(profile.url == null ? {} : { url: textOf(profile.url, profile, cover) }),
  }
}

const coverPost = (post: TopPost, cover: PeopleCover): TopPost => ({
  ...post,
  by: coverProfile(post.by, cover),
  text: post.text === null ? null : textOf(post.text, post.by, cover),
  address: post.address === null ? null : textOf(post.address, post.by, cover),
})

/** A name or id of a profile of the list. */
export const nameOfProfile = (network: string, word: string, { whom, cover }: PeopleCover): string =>
  whom === 'all' ? cover(network, word) : word

const textOf = (text: string, by: Who, cover: PeopleCover): string =>
  coverText(text, cover, {
    network: by.network,
    known: cover.whom === 'all' ? [by.id, ...namesInTexts([by.username, by.name])] : [],
  })

/** What names a profile in its history. */
const NAMES: ReadonlySet<string> = new Set(['username', 'name'])

/** Whether a change can be shown: what a comment says is not told with who wrote it, whom it may name. */
export const isCoverable = ({ subject }: Change): boolean => subject !== 'comment'

/** A change of a profile or a post with the people in it covered. */
export const coverChange = (change: Change, cover: PeopleCover): Change => {
  const { network, subject, field } = change
  const of = (word: string): string => nameOfProfile(network, word, cover)
  const by: Who = { network, id: change.profile_id, username: change.profile, name: change.profile_name }
  const text = (words: string | null): string | null => (words === null ? null : textOf(words, by, cover))
  const isName = subject === 'profile' && field !== null && NAMES.has(field)
  const told = (words: string | null): string | null => (isName && words !== null ? of(words) : text(words))
  return {
    ...change,
    subject_id: subject === 'profile' ? of(change.subject_id) : change.subject_id,
    profile_id: of(change.profile_id),
    profile: change.profile === null ? null : of(change.profile),
    profile_name: change.profile_name === null ? null : of(change.profile_name),
    text: subject === 'profile' && change.text !== null ? of(change.text) : text(change.text),
    before: told(change.before),
    after: told(change.after),
  }
}
