import { END_PROCESS, type Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/**
 * What was committed, as far as that must be known: a row for each writing connection, with the number of its newest
 * transaction, written in that transaction. Where a connection is lost at a commit, the row tells whether it was committed.
 *
 * `pg_xact_status()` would tell it without a table, but not after a crash: a transaction id that was in no synced part of the log is
 * given out again, and then the status is another one's.
 */
export const CREATE_COMMITS = `
  create table if not exists commits (
    connection text collate "C" primary key,
    number bigint not null,
    at timestamptz not null
  ) with (fillfactor = 20)`

/** Rows of connections that are long gone. */
export const CLEAR_COMMITS = `
  delete from commits where connection in (
    select connection from commits where at < now() - interval '7 days' for update skip locked)`

/** Prepares `number` on a connection, which is known by this name. */
export const prepareNumber = (connection: string): string => `
  prepare socsync_number (bigint) as
  insert into commits values ('${connection}', $1, clock_timestamp())
  on conflict (connection) do update set number = excluded.number, at = excluded.at`

/** Part of a transaction's begin. */
export const giveNumber = (number: number): string => `execute socsync_number(${number})`

/**
 * Whether the transaction of this number was committed on a connection that was lost. It is over when this is known: what the
 * server still holds of it is ended.
 */
export const wasCommitted = async (
  sessions: Sessions,
  connection: string,
  number: number,
  process: Awaited<ReturnType<Session['process']>>,
): Promise<boolean> => {
  for (;;) {
    const found = await sessions.with(async session => {
      // Lost in its turn, it must not hold the row: nobody would end it.
      await session.query(
        `begin; set local lock_timeout = '1s'; set local idle_in_transaction_session_timeout = '2s'`,
      )
      try {
        // Waits for the end of whoever has the row, also where it is new.
        const { rows } = await session.query({ text: READ, values: [connection] })
        await session.query('commit')
        return Number(rows[0]?.number)
      } catch (error) {
        if (session.isLost) throw error
        await session.query('rollback')
        await session.query({ text: END_PROCESS, values: [process.pid, process.start] })
        return null
      }
    })
    if (found !== null) return found === number
  }
}

const READ = `
  insert into commits values ($1::text, 0, clock_timestamp())
  on conflict (connection) do update set at = excluded.at returning number`
