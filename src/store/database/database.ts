import type { Kysely, RawBuilder } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'
import type { Types } from '../schema/types.ts'
import type { Statement } from './statement.ts'

/**
 * What reads. Kysely for rare statements, statements that are prepared for the frequent ones. `…Each` runs a statement
 * for each of many rows: one loop on SQLite, one call on PostgreSQL. No two of those rows may write the same row.
 */
export interface Queries {
  readonly db: Kysely<Schema>
  get<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result | undefined>
  all<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result[]>
  /** For each row the first that the statement finds for it, in the rows' order. */
  getEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
  ): Promise<(Result | undefined)[]>
  /** The greatest id that a table has given out so far, also to rows that are gone; 0 = none. */
  lastId(table: keyof Schema): Promise<number>
  /** Whether a process that lives holds this name; null = that cannot be told here: a replica of a server does not know. */
  isHeld(name: string): Promise<boolean | null>
  /** The moment by the one clock that all who work on the database go by. */
  now(): Promise<Instant>
}

/**
 * What is done about the rows that are found, until the transaction's end. `change`: nobody else changes them. `free`: the
 * same, but rows that another one has are not found, instead of waited for. `same`: nobody changes them, and others may
 * say so too. `there`: nobody deletes them; one who changes them is not held up.
 */
export type Locking = 'change' | 'free' | 'same' | 'there'

/**
 * Inside a writing transaction. On SQLite there is one at a time. On PostgreSQL they run side by side and each statement
 * sees what is committed by then: what is read in order to write it is read with `lock`. Locks are taken in one order, so
 * that no two transactions wait for each other: worker, walk, jobs by id, entities, records by type and key.
 */
export interface Tx extends Queries {
  /** No other transaction writes meanwhile: nothing need be locked. */
  readonly isAlone: boolean
  /** `get` of a statement over one table. */
  lock<Row extends object, Result>(
    statement: Statement<Row>,
    row: Row,
    how?: Locking,
  ): Promise<Result | undefined>
  /** `getEach` likewise; the rows in the order in which they are to be locked. */
  lockEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
    how?: Locking,
  ): Promise<(Result | undefined)[]>
  /** How many rows it changed. */
  run<Row extends object>(statement: Statement<Row>, row: Row): Promise<number>
  /** How many rows it changed for all of them together. */
  runEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): Promise<number>
  /**
   * `run` without waiting, where nobody asks how many: it is done before what is asked for after it, and on PostgreSQL goes
   * there with it. Where it fails, so does the transaction.
   */
  send<Row extends object>(statement: Statement<Row>, row: Row): void
  /** `runEach` likewise. */
  sendEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): void
  /**
   * Until this transaction ends nobody else writes these tables: what was found in them stays so. Who only reads is not
   * held up. Waits for whoever is writing them now.
   */
  lockTables(tables: readonly (keyof Schema)[]): Promise<void>
  /** Ids for rows that this transaction writes next, in this order: a row that must say its own need not be written twice. */
  newIds(table: keyof Schema, count: number): Promise<number[]>
  /** From now on the ids that a table gives out are greater than this one. */
  countOn(table: keyof Schema, id: number): Promise<void>
  /** Lays an empty table over each of these: by their bare names all statements of the transaction now mean the new ones. */
  layOver(tables: readonly (keyof Schema)[]): Promise<Overlay>
}

/** Empty tables of a transaction's own, of the same columns and keys as those they lie over. */
export interface Overlay {
  /** The table below. */
  stored(name: string): RawBuilder<unknown>
  /** The one that was laid over it. */
  fresh(name: string): RawBuilder<unknown>
  takeAway(): Promise<void>
}

/** `light` = a claim, a lease, a charge of what has no known end: it outlives the process, and a power cut may take it. */
export type Weight = 'full' | 'light'

/** A copy that was made: where, and how large. */
export interface Backup {
  readonly file: string
  readonly bytes: number
}

/** What can be copied to a file. */
export interface Copied {
  /**
   * Copies what is committed at this moment, while others go on writing, to a file that appears under its name whole or
   * not at all. BadInput where the name is taken and `force` is false, StoreBroken where what is copied is damaged or the
   * disk full. Null = nothing is copied: it lies on a server, whose own tools do that.
   */
  backUp(to: string, force: boolean): Promise<Backup | null>
}

/** What a database itself finds broken. */
export interface Damage {
  /** `integrity`: nothing more should be asked of it. `foreign-key`: what a row points to is not there. */
  readonly rule: 'integrity' | 'foreign-key'
  readonly count: number
  readonly examples: readonly string[]
}

/** A connection that only reads. */
export interface Reading extends Queries, Copied {
  /** As {@link Database.name}. */
  readonly name: string
  /** In one transaction: all that `use` reads was there at the same moment. */
  moment<T>(use: (at: Queries) => Promise<T>): Promise<T>
  /** Holds the database against its own rules. Empty = it is whole. */
  findDamage(): Promise<readonly Damage[]>
  close(): Promise<void>
}

/** The schema while one process changes it. */
export interface Changing {
  /** Outside of a transaction: each migration begins its own. */
  readonly db: Kysely<Schema>
  /** What migrations are written in. */
  readonly types: Types
  /** Said once the schema was found to be one of ours: nothing is written before. */
  accept(): Promise<void>
  /** Runs one migration, on SQLite again and again while another process writes. */
  step<T>(work: () => Promise<T>): Promise<T>
}

/** A database that is open for writing: the seam between what is stored and where (docs/design.md §10). */
export interface Database extends Copied {
  /** Whether processes on other machines may work on it. */
  readonly isShared: boolean
  /** What a message calls it: a path, or a URL without its password. */
  readonly name: string
  /** What is committed, and nothing else. */
  readonly committed: Queries
  /**
   * Runs in a transaction and resolves when it is committed; whatever `work` throws undoes all of it. `work` may be run
   * more than once, when it met another one's, and keeps nothing outside of the transaction.
   *
   * Asked for from within another one's `work` it would wait for itself for ever: that throws.
   */
  write<T>(work: (tx: Tx) => T | Promise<T>, weight?: Weight): Promise<T>
  /**
   * Takes a name until it is given back or this process dies. Null = another process has it. `again` is called when it was lost with
   * a connection, and is had again.
   */
  hold(name: string, again?: () => void): Promise<AsyncDisposable | null>
  /** Takes away what a process left that held this name and died. */
  clearHold(name: string): Promise<void>
  /** After rows of these tables were deleted: nothing that is written to the database from now on lies beside what they left. */
  reclaim(tables: readonly (keyof Schema)[]): Promise<void>
  /** Lets this process change the schema; on PostgreSQL no other one does so meanwhile. */
  changeSchema<T>(use: (changing: Changing) => Promise<T>): Promise<T>
  close(): Promise<void>
}
