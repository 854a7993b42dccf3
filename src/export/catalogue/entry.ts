import type { ExportKind } from '../kinds.ts'
import type { Column } from '../table.ts'

/** What a number counts or measures; texts, ids, moments and flags have none. */
export type Unit = 'count' | 'milliseconds' | 'pixels' | 'ratio'

/**
 * What of a person a column may hold, which says how it is pseudonymised: an id or a name of a profile of the list (`profile`), an id that
 * may be one's (`subject`), who wrote or did something (`author_id`, `author_name`), words that may name anybody (`text`, addresses too),
 * JSON that may (`json`: its keys, and the column's name, say what are names), an address or picture of the profile itself
 * (`profile_link`), words of others that may name anybody in any form (`message`).
 */
export type Person =
  | 'nothing'
  | 'profile'
  | 'subject'
  | 'author_id'
  | 'author_name'
  | 'text'
  | 'json'
  | 'profile_link'
  | 'message'

/** What a column of an export means, for people and for the descriptions beside a dataset. */
export interface ColumnEntry {
  readonly description: string
  readonly unit: Unit | null
  /** What an absent value says; null = there always is one. */
  readonly absent: string | null
  /** Told by networks, each of which says whether (`Network.gives`); else it is socsync's own, of every network. */
  readonly told: boolean
  /** Worked out while it is written: the database has no such column. */
  readonly workedOut: boolean
  /** It may name who asked, or whom they ask: no part of a dataset that is passed on. */
  readonly kept: boolean
  /** What of a person it may hold; null = nobody has said, which only a moment, a number or a flag may leave so. */
  readonly person: Person | null
  /** Of a column that holds JSON, what its text always is. */
  readonly json: 'object' | 'array' | 'any'
  /** The version that first had it. */
  readonly since: string
}

export interface TableEntry {
  readonly title: string
  readonly description: string
  /** What it is called in the database; null = it is put together while it is written. */
  readonly table: string | null
  /** The columns that together name one row. */
  readonly key: readonly string[]
  /** The rows of others that its rows are about, which every complete export has. */
  readonly references: readonly Reference[]
  /** What a reader may want to narrow it by: columns of few different values. */
  readonly facets: readonly string[]
  /** The column by which the newest, or largest, come first. */
  readonly newest: string | null
  /** The column that a person knows a row by. */
  readonly label: string | null
  readonly columns: Readonly<Record<string, ColumnEntry>>
}

export interface Reference {
  readonly columns: readonly string[]
  readonly table: string
  /** As many of that table. */
  readonly key: readonly string[]
}

/** A network's part in a column. */
export interface ColumnNetwork {
  /** `youtube` */
  readonly name: string
  /** `YouTube` */
  readonly title: string
  /** What is particular about it there; null = nothing. */
  readonly note: string | null
}

/** A column with all that is known of it. */
export interface DescribedColumn extends Column, ColumnEntry {
  /** Those that ever fill it. */
  readonly networks: readonly ColumnNetwork[]
}

export interface DescribedTable extends Omit<TableEntry, 'columns'> {
  readonly name: ExportKind
  readonly columns: readonly DescribedColumn[]
}

type Particulars = Partial<Omit<ColumnEntry, 'description' | 'told'>>

const FIRST = '0.1.0'
const USUAL = {
  unit: null,
  absent: null,
  workedOut: false,
  kept: false,
  person: null,
  json: 'any',
  since: FIRST,
} as const

/** A column that networks tell. */
export const told = (description: string, particulars: Particulars = {}): ColumnEntry => ({
  ...USUAL,
  absent: 'the network does not tell it, or there is none',
  ...particulars,
  description,
  told: true,
})

/** A counter that networks tell. */
export const counted = (description: string, particulars: Particulars = {}): ColumnEntry =>
  told(description, {
    unit: 'count',
    absent: 'hidden, or the network does not tell it: never zero',
    ...particulars,
  })

/** A list of texts that networks tell. */
export const listed = (description: string, particulars: Particulars = {}): ColumnEntry =>
  told(`${description}, as a JSON list.`, {
    absent: 'there are none, or the network does not tell them: never an empty list',
    json: 'array',
    ...particulars,
  })

/** A column that socsync writes. */
export const own = (description: string, particulars: Particulars = {}): ColumnEntry => ({
  ...USUAL,
  ...particulars,
  description,
  told: false,
})

export const NETWORK = own('The network that the row is of.', { person: 'nothing' })

/** What every record has of how it came here. */
export const WRITTEN = {
  first_seen_at: own('When socsync first stored it.'),
  fetched_at: own('When an answer of the network last told it: its counters are of this moment.'),
  job_id: own('The job that wrote it last (`id` in jobs).'),
} as const

const OF_PROFILE = {
  absent: 'the profile has none, or is not stored',
  workedOut: true,
  person: 'profile',
} as const

/** What a row is about as people know it, beside its ids; `profile` says which profile is meant. */
export const names = (profile: string): Readonly<Record<string, ColumnEntry>> => ({
  post_permalink: own('`permalink` of the post that it is about.', {
    absent: 'the network does not tell it, the post is not stored, or it is about none',
    workedOut: true,
    person: 'text',
  }),
  ...profileNames(profile),
})

export const profileNames = (profile: string): Readonly<Record<string, ColumnEntry>> => ({
  profile_username: own(`\`username\` of ${profile}.`, OF_PROFILE),
  profile_name: own(`\`name\` of ${profile}.`, OF_PROFILE),
})

export const MISSING_SINCE = own('When it was found to be gone from the network; what it held stays.', {
  absent: 'it is there, as far as is known',
})

export const EXTRA = told("The network's own fields that have no column here, as a JSON object.", {
  absent: 'there are none',
  json: 'object',
  person: 'json',
})
