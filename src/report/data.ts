import type { Instant } from '../core/instant.ts'
import type { Named } from './words.ts'

/** All that a report tells: plain data of one moment. Counters that are not told are null. */
export interface ReportData {
  readonly version: string
  readonly madeAt: Instant
  /** Whether the sandbox fills the database: its world is made up, and has a clock of its own. */
  readonly bySandbox: boolean
  /** What was chosen; null = everything. */
  readonly network: string | null
  readonly profile: string | null
  readonly since: Instant | null
  /** When something was read last; null = nothing was. */
  readonly newestAt: Instant | null
  readonly networks: readonly NetworkFigures[]
  /** Those with the most followers; `left` = how many more are stored. */
  readonly profiles: readonly ProfileFigures[]
  readonly left: number
  readonly rhythm: Rhythm
  readonly top: readonly TopPost[]
  readonly changes: ChangeFigures
  readonly missing: MissingFigures
  readonly costs: readonly CostFigures[]
}

export interface NetworkFigures {
  readonly network: string
  readonly asked: number
  readonly stored: number
  /** Of those that tell a number. */
  readonly followers: number | null
  readonly withFollowers: number
  readonly posts: number
  readonly oldestAt: Instant | null
  readonly newestAt: Instant | null
}

export interface ProfileFigures extends Named {
  readonly url: string | null
  readonly followers: number | null
  readonly series: readonly SeriesPoint[]
  /** Posts that were published in the period and are there, stories left out. */
  readonly posts: number
  readonly newestPostAt: Instant | null
  /** The post in the middle by reactions (likes, comments and shares); null = no post tells them. */
  readonly reactions: number | null
  readonly readAt: Instant | null
}

export interface SeriesPoint {
  readonly at: Instant
  /** Null = hidden from then on. */
  readonly value: number | null
}

export interface Rhythm {
  /** Posts by weekday, Monday first, and hour of the day in UTC. */
  readonly hours: readonly (readonly number[])[]
  /** Of all posts counted those that tell when they were published. */
  readonly dated: number
  readonly undated: number
}

export interface TopPost {
  readonly network: string
  readonly id: string
  readonly by: Named
  readonly text: string | null
  readonly address: string | null
  readonly at: Instant | null
  readonly reactions: number
  readonly likes: number | null
  readonly comments: number | null
  readonly shares: number | null
  readonly views: number | null
}

export interface ChangeFigures {
  readonly since: Instant | null
  readonly counts: readonly {
    readonly network: string
    readonly change: string
    readonly subject: string
    readonly count: number
  }[]
  /** The first of each kind. */
  readonly examples: readonly ChangeExample[]
  readonly movers: readonly {
    readonly who: string
    readonly subject: string
    readonly field: string
    readonly from: number | null
    readonly to: number | null
    readonly difference: number | null
    readonly percent: number | null
  }[]
}

export interface ChangeExample {
  readonly change: 'edited' | 'gone' | 'back'
  readonly at: Instant
  readonly who: string
  readonly subject: string
  readonly text: string | null
  readonly field: string | null
  readonly before: string | null
  readonly after: string | null
}

/** A reason, what it means, and of how many of what. */
export interface MissingFigures {
  readonly profiles: readonly {
    readonly network: string
    readonly status: string
    readonly reason: string
    readonly means: string
    readonly count: number
    readonly examples: readonly string[]
  }[]
  readonly postsStored: number
  readonly postsDeclared: number | null
  readonly posts: readonly {
    readonly reason: string
    readonly means: string
    readonly profiles: number
    readonly posts: number
  }[]
  readonly commentsStored: number
  readonly commentsDeclared: number | null
  readonly comments: readonly {
    readonly reason: string
    readonly means: string
    readonly posts: number
    readonly comments: number
  }[]
  readonly oldestCountersAt: Instant | null
}

export interface CostFigures {
  readonly network: string
  readonly pool: string
  readonly runs: number
  readonly calls: number
  readonly units: number
}
