import type { Json, JsonObject } from '../../../../core/json.ts'
import { between } from '../../../seeded.ts'
import { demand } from '../call.ts'
import { badParameter, beforeConversion, fewViewers, unknownField } from '../errors.ts'
import { Post } from '../world/post.ts'
import type { Story } from '../world/story.ts'
import { HOUR } from '../world/time.ts'
import { NODE } from './media-parts.ts'
import { type Edge, type EdgeAsk, entry } from './view.ts'

/** What decides which metrics there are: the first is a picture or an album, the second an old film. */
type Product = 'feed' | 'film' | 'reel' | 'story'

interface Metric {
  readonly products: readonly Product[]
  readonly value: (item: Post | Story) => number
  /** The one breakdown that it takes, with its dimension values. */
  readonly breakdown?: readonly [name: string, values: readonly string[]]
  readonly facebookOnly?: true
  /** Not of each item of these products; left out = of all. */
  readonly has?: (item: Post | Story) => boolean
}

const EVERYWHERE: readonly Product[] = ['feed', 'reel', 'story']
const POSTS: readonly Product[] = ['feed', 'reel']
const FEED_AND_STORY: readonly Product[] = ['feed', 'story']
const STORY: readonly Product[] = ['story']
const REEL: readonly Product[] = ['reel']
const ALL: readonly Product[] = ['feed', 'film', 'reel', 'story']

const ofPost =
  (post: (item: Post) => number, story: (item: Story) => number = () => 0) =>
  (item: Post | Story): number =>
    item instanceof Post ? post(item) : story(item)

const some =
  (name: string, most: number) =>
  (item: Post | Story): number =>
    between(0, most, item.key, name)

const interactions = (post: Post): number => post.likes + post.commentsCount + post.shares + post.saves
const views = ofPost(
  post => post.views,
  story => Math.floor(story.viewers * 1.2),
)

const onFacebook = (item: Post | Story): boolean => between(0, 2, item.key, 'crossposted') > 0

/** Which product has which metric (docs/networks/instagram.md §7). */
const METRICS: Readonly<Record<string, Metric>> = {
  reach: {
    products: ALL,
    value: ofPost(
      post => Math.floor(post.views * 0.8),
      story => story.viewers,
    ),
  },
  views: { products: EVERYWHERE, value: views },
  shares: { products: EVERYWHERE, value: ofPost(post => post.shares) },
  total_interactions: { products: EVERYWHERE, value: ofPost(interactions) },
  reposts: { products: EVERYWHERE, value: ofPost(post => post.reposts) },
  likes: { products: POSTS, value: ofPost(post => post.likes) },
  comments: { products: POSTS, value: ofPost(post => post.commentsCount) },
  saved: { products: ['feed', 'film', 'reel'], value: ofPost(post => post.saves) },
  follows: { products: FEED_AND_STORY, value: some('follows', 9) },
  profile_visits: { products: FEED_AND_STORY, value: some('visits', 80) },
  profile_activity: {
    products: FEED_AND_STORY,
    value: some('activity', 30),
    breakdown: ['action_type', ['BIO_LINK_CLICKED', 'CALL', 'EMAIL', 'OTHER']],
  },
  ig_reels_avg_watch_time: { products: REEL, value: some('watched', 30_000) },
  ig_reels_video_view_total_time: {
    products: REEL,
    value: item => views(item) * between(0, 30_000, item.key, 'watched'),
  },
  reels_skip_rate: { products: REEL, value: some('skipped', 90) },
  navigation: {
    products: STORY,
    value: some('navigation', 300),
    breakdown: ['story_navigation_action_type', ['SWIPE_FORWARD', 'TAP_BACK', 'TAP_EXIT', 'TAP_FORWARD']],
  },
  replies: { products: STORY, value: some('replies', 5) },
  link_clicks: { products: STORY, value: some('links', 12) },
  facebook_views: { products: ALL, value: some('on facebook', 900), has: onFacebook },
  crossposted_views: { products: ['feed', 'film', 'reel'], value: views, has: onFacebook },
  total_likes: { products: ['feed', 'film', 'reel'], value: ofPost(post => post.likes), facebookOnly: true },
  total_comments: {
    products: ['feed', 'film', 'reel'],
    value: ofPost(post => post.commentsCount),
    facebookOnly: true,
  },
  total_views: { products: ALL, value: views, facebookOnly: true },
}

/** `/{media}/insights`: one metric that the product does not have fails all. */
export const mediaInsights: Edge<Post | Story> = (item, ask, call) => {
  if (ask.nested) {
    const nested = call.option('nested-insights')
    if (nested === 'refused') throw unknownField('insights', NODE)
    if (nested === 'absent') return { data: [] }
    call.refuse(`${item.id}/insights`, { metric: ask.param('metric') ?? '' })
  }
  demand(call, 'insights')
  const product = productOf(item)
  const known = (name: string): boolean => call.host === 'facebook' || !entry(METRICS, name)?.facebookOnly
  const asked = metricsOf(ask).map((name, at): readonly [string, Metric] => {
    const metric = known(name) ? entry(METRICS, name) : undefined
    if (metric === undefined) throw unknownMetric(at, Object.keys(METRICS).filter(known))
    if (!metric.products.includes(product) || metric.has?.(item) === false) {
      throw badParameter(
        `The Media Insights API does not support the ${name} metric for this media product type.`,
      )
    }
    return [name, metric]
  })
  if (item instanceof Post ? item.beforeConversion : false) throw beforeConversion()
  if (!(item instanceof Post) && item.viewers < 5) throw fewViewers()
  // Not counted yet: an empty list, never a zero.
  if (call.world.at - item.createdAt < HOUR) return { data: [] }
  return {
    data: asked.map(([name, metric]) =>
      only(ask, {
        name,
        period: 'lifetime',
        ...mediaValue(item, metric, ask.param('breakdown')),
        title: titleOf(name),
        description: '',
        id: `${item.id}/insights/${name}/lifetime`,
      }),
    ),
  }
}

/** The names of the metrics asked for. */
export const metricsOf = (ask: EdgeAsk): readonly string[] => {
  const names = (ask.param('metric') ?? '').split(',').map(name => name.trim())
  if (names.some(name => name === '')) throw badParameter('The parameter metric is required')
  return names
}

export const unknownMetric = (at: number, known: readonly string[]) =>
  badParameter(`metric[${at}] must be one of the following values: ${known.join(', ')}`)

/** The fields of a row that were asked for: all, unless braces say otherwise. */
export const only = (ask: EdgeAsk, row: JsonObject): JsonObject => {
  const { fields } = ask
  if (fields === null) return row
  return Object.fromEntries(Object.entries(row).filter(([key]) => fields.some(({ name }) => name === key)))
}

/** `total_interactions` → `Total interactions`. */
export const titleOf = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

const productOf = (item: Post | Story): Product => {
  if (!(item instanceof Post)) return 'story'
  if (item.productType === 'REELS') return 'reel'
  return item.mediaType === 'VIDEO' ? 'film' : 'feed'
}

/** With a breakdown the numbers stand in `total_value`, and `values` beside it. */
const mediaValue = (item: Post | Story, { value, breakdown }: Metric, asked: string | null): JsonObject => {
  const total = value(item)
  const values: Json = [{ value: total }]
  if (asked === null) return { values }
  if (breakdown?.[0] !== asked) throw badParameter(`Param breakdown must not be ${asked}`)
  return { values, total_value: { value: total, breakdowns: [divide(total, asked, breakdown[1], item.key)] } }
}

/** A total shared out among the values of one dimension, unsorted. */
export const divide = (
  total: number,
  dimension: string,
  among: readonly string[],
  key: string,
): JsonObject => {
  let left = total
  const results = among.map((name, at) => {
    const value = at === among.length - 1 ? left : between(0, left, key, dimension, name)
    left -= value
    return { dimension_values: [name], value }
  })
  return { dimension_keys: [dimension], results }
}
