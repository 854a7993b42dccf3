import type { DescribedTable } from '../catalogue/entry.ts'
import type { TabularFormat } from '../formats.ts'

/** A dataset with all that is said of it: each file that describes it is made from this one, and from nothing else. */
export interface Deposit {
  readonly title: string
  /** In the words of who deposits it; null = none. */
  readonly abstract: string | null
  /** MAJOR.MINOR.PATCH */
  readonly version: string
  readonly url: string | null
  readonly keywords: readonly string[]
  /** Null = none was stated. */
  readonly licence: Licence | null
  /** None = none was stated. */
  readonly creators: readonly Creator[]
  /** The version of socsync. */
  readonly software: string
  readonly exportedAt: string
  /** False = the built-in sandbox made it up. */
  readonly real: boolean
  /** Whose ids and names are replaced by pseudonyms; null = nobody's. */
  readonly pseudonymised: 'authors' | 'all' | null
  /** Whether authors were replaced before anything was stored, so that the database has pseudonyms too. */
  readonly storesPseudonyms: boolean
  readonly format: TabularFormat
  /** Which rows were wanted, by the names of the flags; null = any. */
  readonly chosen: Readonly<Record<string, string | number | null>>
  readonly collection: Collection
  readonly networks: readonly DepositNetwork[]
  readonly tables: readonly DepositTable[]
  readonly gaps: readonly Gap[]
  /** What a Datasette calls the database that the rows are of. */
  readonly database: string
}

export interface Licence {
  /** Of SPDX; null = it is none of theirs. */
  readonly id: string | null
  readonly title: string
  readonly url: string
}

export interface Creator {
  readonly name: string
  /** As an address: `https://orcid.org/0000-0002-1825-0097`. */
  readonly orcid: string | null
  readonly affiliation: string | null
}

/** How it was collected. */
export interface Collection {
  readonly runs: number
  /** The first and last moments of these runs; null = there were none. */
  readonly from: string | null
  readonly to: string | null
  /** What they asked for, each way once, the newest first. */
  readonly asked: readonly Asked[]
  /** When the networks told what is in it. */
  readonly fetched: Period | null
  /** When its posts were published. */
  readonly published: Period | null
}

export interface Asked {
  readonly runs: number
  readonly scopes: readonly string[]
  /** What was set of the flags of `run`, by their names. */
  readonly flags: Readonly<Record<string, string | number | boolean>>
}

/** Two moments, both included. */
export interface Period {
  readonly from: string
  readonly to: string
}

export interface DepositNetwork {
  readonly name: string
  readonly title: string
  /** Lines of the list that were of it. */
  readonly listed: number
  readonly terms: readonly string[]
}

export interface DepositTable extends DescribedTable {
  readonly file: string
  readonly rows: number
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
  /** Rows by the names of networks. */
  readonly rowsOf: Readonly<Record<string, number>>
  /** The columns that hold pseudonyms in place of people. */
  readonly pseudonymised: readonly string[]
  /** Those of them that the database holds so, too. */
  readonly storedPseudonyms: readonly string[]
}

/** What is not in it. */
export interface Gap {
  readonly network: string
  /** What is missing: profiles of the list, posts of profiles, comments of posts. */
  readonly of: 'profiles' | 'posts' | 'comments'
  /** A word of the reasons. */
  readonly reason: string
  readonly means: string
  /** How many are missing by the network's count; null = it declares none. */
  readonly missing: number | null
  /** How many profiles, or posts, that is about. */
  readonly within: number
}
