import type { Json } from '../core/json.ts'
import { coverText, type TextOf, type TextRules } from './texts.ts'

/**
 * A value of JSON with people covered. What a key calls an id or a name of a person is covered whole, a picture of one is left out (null),
 * every other text is gone through as a text, keys too. `key` = what the value itself stands under.
 */
export const coverJson = (value: Json, key: string, rules: TextRules, of: TextOf): Json =>
  coverValue(value, meaningOf(key, false), rules, of)

/** What a key says of its value: `people` = an object about a person, in which `id` and `name` are its own. */
type Meaning = 'person' | 'picture' | 'people' | 'text'

const PEOPLE: ReadonlySet<string> = new Set([
  ...['author', 'user', 'users', 'owner', 'profile', 'creator', 'commenter', 'sender', 'member', 'channel'],
  ...['from', 'mention', 'mentions', 'mentioned', 'tagged', 'collaborator', 'collaborators'],
])
const NAMES: ReadonlySet<string> = new Set(['name', 'names', 'title', 'handle', 'handles', 'login'])
const IDS: ReadonlySet<string> = new Set(['id', 'ids', 'pk', 'uid', 'value'])
const PICTURES: ReadonlySet<string> = new Set([
  ...['picture', 'pictures', 'photo', 'photos', 'pic', 'image', 'images', 'thumbnail', 'thumbnails'],
])
/** Pictures that are of people alone. */
const ALWAYS_PICTURES: ReadonlySet<string> = new Set(['avatar', 'avatars', 'banner'])
/** A key that means a person by itself, wherever it stands. */
const PERSON =
  /^(user|author|owner|creator|commenter|user_?names?|nick_?names?|display_?names?|screen_?names?|open_?ids?|union_?ids?|sec_?uids?|mentions?|(video_)?mention_list)$/

const meaningOf = (key: string, inPerson: boolean): Meaning => {
  const name = key.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()
  const words = name.split(/[^\p{L}\p{N}]+/u)
  const last = words.at(-1) ?? ''
  const isOfPerson = inPerson || words.some(word => PEOPLE.has(word))
  if (words.some(word => ALWAYS_PICTURES.has(word)) || (isOfPerson && words.some(word => PICTURES.has(word))))
    return 'picture'
  if (PERSON.test(name) || (isOfPerson && (NAMES.has(last) || IDS.has(last)))) return 'person'
  return PEOPLE.has(last) ? 'people' : 'text'
}

const coverValue = (value: Json, meaning: Meaning, rules: TextRules, of: TextOf): Json => {
  if (value === null || typeof value === 'boolean') return value
  if (meaning === 'picture') return null
  if (typeof value === 'object') {
    // Words in a list of people are their names.
    if (isList(value))
      return value.map(item =>
        coverValue(item, meaning === 'people' && typeof item === 'string' ? 'person' : meaning, rules, of),
      )
    const inPerson = meaning === 'people' || meaning === 'person'
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        coverText(key, rules, of),
        coverValue(item, meaningOf(key, inPerson), rules, of),
      ]),
    )
  }
  if (meaning === 'person' && value !== '') {
    const covered = rules.cover(of.network, String(value))
    return covered === String(value) ? value : covered
  }
  return typeof value === 'string' ? coverText(value, rules, of) : value
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
