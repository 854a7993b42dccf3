import { archivedCounters } from '../world/counters.ts'
import type { Moment } from '../world/moment.ts'
import { captionOf, durationOf, hashtagsOf, type Video } from '../world/videos.ts'
import { answersTo, type Traits } from './traits.ts'
import { effectsOf, musicOf } from './video-fields.ts'

/** docs/networks/tiktok.md §3.2. */
export const OPERATIONS = ['EQ', 'IN', 'LT', 'LTE', 'GT', 'GTE'] as const
type Operation = (typeof OPERATIONS)[number]

/** One entry of `and`, `or` or `not`. */
export interface Condition {
  readonly operation: Operation
  readonly field: FieldName
  /** Lower case. */
  readonly values: readonly string[]
}

/** What a condition on a field looks at. */
interface Field {
  /** True where LT, LTE, GT and GTE make sense; `values` then gives one number. */
  readonly ordered?: boolean
  values(video: Video, moment: Moment): readonly string[]
  /** Replaces equality. */
  equals?(video: Video, value: string, moment: Moment, traits: Traits): boolean
}

const dayOf = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 10).replaceAll('-', '')

const LENGTHS = [
  [15, 'short'],
  [61, 'mid'],
  [301, 'long'],
  [Number.POSITIVE_INFINITY, 'extra_long'],
] as const

/** By `field_name`. */
export const FIELDS = {
  create_date: { ordered: true, values: video => [dayOf(video.created)] },
  username: {
    values: video => [video.creator.username],
    equals: (video, value, _moment, traits) => answersTo(video.creator, value, traits),
  },
  region_code: { values: video => [video.creator.region.toLowerCase()] },
  video_id: { values: video => [String(video.id)] },
  hashtag_name: { values: hashtagsOf },
  keyword: {
    values: () => [],
    equals: (video, value, moment) => captionOf(video, moment.at).toLowerCase().includes(value),
  },
  music_id: { values: video => [String(musicOf(video))] },
  effect_id: { values: effectsOf },
  video_length: { values: video => [LENGTHS.find(([below]) => durationOf(video) < below)?.[1] ?? ''] },
  view_count: { ordered: true, values: (video, moment) => [String(archivedCounters(video, moment).views)] },
  comment_count: {
    ordered: true,
    values: (video, moment) => [String(archivedCounters(video, moment).comments)],
  },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof FIELDS

const fieldOf = (name: FieldName): Field => FIELDS[name]

/** Whether LT, LTE, GT and GTE may be asked of a field. */
export const isOrdered = (name: FieldName): boolean => fieldOf(name).ordered === true

const COMPARE: Partial<Record<Operation, (a: number, b: number) => boolean>> = {
  LT: (a, b) => a < b,
  LTE: (a, b) => a <= b,
  GT: (a, b) => a > b,
  GTE: (a, b) => a >= b,
}

/** Whether a video meets a condition, as the search sees it at a moment. */
export const holds = (condition: Condition, video: Video, moment: Moment, traits: Traits): boolean => {
  const field = fieldOf(condition.field)
  const compare = COMPARE[condition.operation]
  if (compare !== undefined) {
    return compare(Number(field.values(video, moment)[0]), Number(condition.values[0]))
  }
  if (field.equals !== undefined) {
    return condition.values.some(value => field.equals?.(video, value, moment, traits))
  }
  return field.values(video, moment).some(value => condition.values.includes(value.toLowerCase()))
}
