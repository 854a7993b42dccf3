import type {
  CollectionRecord,
  CommentRecord,
  ItemRecord,
  LikeRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  RelationRecord,
  SocialRecord,
} from '../core/records.ts'
import type { Page, Source, Stream, TaskRef } from '../core/stream.ts'
import { coverJson } from './json.ts'
import { canonical, wordsOfKey } from './pseudonym.ts'
import { coverText, namesInTexts, type TextOf, type TextRules } from './texts.ts'

/** A source whose pages name nobody but the profiles that they are of, whatever its streams are. */
export const coverSource = (source: Source, rules: TextRules): Source => ({
  ...source,
  streams: source.streams.map(stream => coverStream(stream, source.network, rules)),
})

const coverStream = (stream: Stream, network: string, rules: TextRules): Stream => ({
  ...stream,
  normalise: (raw, request) => coverPage(stream.normalise(raw, request), network, request.tasks, rules),
})

/**
 * What of a person a field of a record may hold: `person` a name or an id, `people` a list of them, `texts` a list of words that may name
 * anybody. What a profile tells of itself is none of it.
 */
type Holds = 'nothing' | 'person' | 'people' | 'text' | 'texts' | 'json'
type Fields<Of> = { readonly [Name in Exclude<keyof Of, 'type'>]-?: Holds }

const PROFILE: Fields<ProfileRecord> = {
  id: 'nothing',
  username: 'nothing',
  name: 'nothing',
  bio: 'text',
  url: 'nothing',
  website: 'nothing',
  avatarUrl: 'nothing',
  verified: 'nothing',
  country: 'nothing',
  createdAt: 'nothing',
  followersCount: 'nothing',
  followingCount: 'nothing',
  postsCount: 'nothing',
  likesCount: 'nothing',
  viewsCount: 'nothing',
  language: 'nothing',
  topics: 'nothing',
  madeForKids: 'nothing',
  extra: 'json',
}

const POST: Fields<PostRecord> = {
  id: 'nothing',
  profileId: 'nothing',
  kind: 'nothing',
  title: 'text',
  caption: 'text',
  permalink: 'text',
  createdAt: 'nothing',
  likeCount: 'nothing',
  commentsCount: 'nothing',
  viewCount: 'nothing',
  shareCount: 'nothing',
  saveCount: 'nothing',
  hashtags: 'texts',
  mentions: 'people',
  tags: 'texts',
  categoryId: 'nothing',
  language: 'nothing',
  audioLanguage: 'nothing',
  voiceToText: 'text',
  region: 'nothing',
  musicId: 'nothing',
  effectIds: 'nothing',
  playlistId: 'nothing',
  stemVerified: 'nothing',
  definition: 'nothing',
  madeForKids: 'nothing',
  liveScheduledAt: 'nothing',
  liveScheduledEndAt: 'nothing',
  liveStartedAt: 'nothing',
  liveEndedAt: 'nothing',
  shortcode: 'nothing',
  productType: 'nothing',
  altText: 'text',
  topics: 'nothing',
  paidPromotion: 'nothing',
  extra: 'json',
}

const MEDIUM: Fields<MediaRecord> = {
  postId: 'nothing',
  position: 'nothing',
  id: 'nothing',
  kind: 'nothing',
  url: 'text',
  thumbnailUrl: 'text',
  width: 'nothing',
  height: 'nothing',
  durationMs: 'nothing',
  altText: 'text',
}

const COMMENT: Fields<CommentRecord> = {
  id: 'nothing',
  postId: 'nothing',
  parentId: 'nothing',
  authorId: 'person',
  authorName: 'person',
  content: 'text',
  likeCount: 'nothing',
  replyCount: 'nothing',
  createdAt: 'nothing',
  updatedAt: 'nothing',
  extra: 'json',
}

const COLLECTION: Fields<CollectionRecord> = {
  id: 'nothing',
  kind: 'nothing',
  profileId: 'person',
  title: 'text',
  description: 'text',
  url: 'text',
  createdAt: 'nothing',
  itemsCount: 'nothing',
  extra: 'json',
}

const ITEM: Fields<ItemRecord> = {
  collectionId: 'nothing',
  postId: 'nothing',
  position: 'nothing',
  addedAt: 'nothing',
}

const RELATION: Fields<RelationRecord> = {
  kind: 'nothing',
  profileId: 'nothing',
  personId: 'person',
  personName: 'person',
  postId: 'nothing',
  createdAt: 'nothing',
}

const LIKE: Fields<LikeRecord> = { postId: 'nothing', authorId: 'person', createdAt: 'nothing' }

/** A field that is added to a record has no word here until somebody says what it holds: the types say so. */
const FIELDS: Readonly<Record<SocialRecord['type'], Readonly<Record<string, Holds>>>> = {
  profile: PROFILE,
  post: POST,
  media: MEDIUM,
  comment: COMMENT,
  like: LIKE,
  collection: COLLECTION,
  item: ITEM,
  relation: RELATION,
}

/** A page with everybody covered but the profiles that it is of, in what could not be read too. */
export const coverPage = (
  page: Page,
  network: string,
  tasks: readonly Pick<TaskRef, 'entityId' | 'profileId'>[],
  { cover, addresses }: TextRules,
): Page => {
  const own = new Set(ownWords(page, tasks).map(canonical))
  const isOwn = (word: string): boolean => own.has(canonical(word))
  const rules: TextRules = {
    addresses,
    cover: (its, word) => (its === network && isOwn(word) ? word : cover(its, word)),
  }
  return {
    ...page,
    records: page.records.map(record => coverRecord(record, network, isOwn, rules)),
    rejects: page.rejects.map(reject => ({
      ...reject,
      value: coverJson(reject.value, '', rules, { network, known: [] }),
    })),
  }
}

/** By which the profiles are known that a page is of. */
const ownWords = (page: Page, tasks: Parameters<typeof coverPage>[2]): readonly string[] => {
  const asked = tasks.flatMap(({ entityId, profileId }) => [
    ...wordsOfKey(entityId),
    ...(profileId === null ? [] : [profileId]),
  ])
  const told = page.records.flatMap(record =>
    record.type === 'profile' ? [record.id, ...(record.username == null ? [] : [record.username])] : [],
  )
  return [...asked, ...told]
}

const coverRecord = <Of extends SocialRecord>(
  record: Of,
  network: string,
  isOwn: (word: string) => boolean,
  rules: TextRules,
): Of => {
  const author = record.type === 'comment' ? [record.authorId ?? null, record.authorName ?? null] : []
  // A name may be anybody's: where there is an id, that says who it is.
  const isOwners = isOwn(author.find(word => word !== null) ?? '')
  const of: TextOf = { network, known: isOwners ? [] : namesInTexts(author) }
  const covers: Readonly<Record<Holds, (value: unknown, field: string) => unknown>> = {
    nothing: value => value,
    person: value => (isOwners ? value : rules.cover(network, String(value))),
    people: value => (value as readonly string[]).map(word => rules.cover(network, word)),
    text: value => coverText(String(value), rules, of),
    texts: value => (value as readonly string[]).map(word => coverText(word, rules, of)),
    json: (value, field) => coverJson(value as Parameters<typeof coverJson>[0], field, rules, of),
  }
  const fields = FIELDS[record.type]
  const covered = Object.entries(record).map(([name, value]) => [
    name,
    value == null ? value : covers[fields[name] ?? 'nothing'](value, name),
  ])
  return Object.fromEntries(covered) as Of
}
