import { createHash } from 'node:crypto'
import { types } from 'pg'
import { PgBoss } from 'pg-boss'
import { BadInput } from '../../core/errors.ts'
import type { Tick, Ticks, TicksOptions } from '../database/ticks.ts'
import { type Address, readAddress } from './address.ts'
import { codeOf } from './errors.ts'
import { pause } from './session.ts'
import { Sessions } from './sessions.ts'

const QUEUE = 'ticks'
/** How often each process asks whether a tick is due. */
const POLL_S = 2
/** A process that has not answered a tick for so long is taken for dead: the tick is handed to another, within as much again. */
const ANSWER_S = 20
/** What ended is kept for so long, for whoever wants to know. */
const KEPT_S = 7 * 86_400
/** How long what is being handed over may take when this process stops. */
const STOP_MS = 5_000

/**
 * Ticks as messages of pg-boss, in a schema of its own, over one connection. Its cron is not used: at the day on which clocks
 * are set forward it passes over what falls into the hour that is left out, and when they are set back it comes twice. So a tick
 * is computed by us and sent under an id that follows from it: one message, however many send it.
 */
export const openTicks = async (url: string, { due, failed }: TicksOptions): Promise<Ticks> => {
  const address = readAddress(url)
  const sessions = new Sessions(address, 1, '', types)
  let opened: PgBoss | null = null
  try {
    const boss = await open(address, sessions)
    opened = boss
    boss.on('error', failed)
    await boss.createQueue(QUEUE)
    await boss.work<Tick>(QUEUE, { pollingIntervalSeconds: POLL_S, batchSize: 1 }, async jobs => {
      for (const { data } of jobs) await due(data)
    })
    return {
      arm: async tick => {
        await boss.send(QUEUE, tick, {
          id: idOf(tick),
          startAfter: new Date(tick.at),
          expireInSeconds: ANSWER_S,
          retryLimit: 100,
          retryDelay: 5,
          deleteAfterSeconds: KEPT_S,
        })
      },
      [Symbol.asyncDispose]: async () => {
        // A server that is away would be waited for.
        await Promise.race([boss.stop({ timeout: STOP_MS }).catch(failed), pause(2 * STOP_MS)])
        await sessions.close()
      },
    }
  } catch (error) {
    // Its timers would go on asking a connection that is closed.
    await opened?.stop({ graceful: false }).catch(() => {})
    await sessions.close()
    throw error
  }
}

/** Makes what ticks are kept in, where it is not there yet. Rejects as `openTicks`. */
export const installTicks = async (url: string): Promise<void> => {
  const address = readAddress(url)
  const sessions = new Sessions(address, 1, '', types)
  try {
    const boss = await open(address, sessions)
    await boss.stop({ graceful: false })
  } finally {
    await sessions.close()
  }
}

/** BadInput where its schema is not there and this role may not make one. */
const open = async (address: Address, sessions: Sessions): Promise<PgBoss> => {
  const { schema, isThere } = await findSchema(sessions)
  const boss = new PgBoss({
    db: {
      executeSql: async (text, values) => {
        const query = values === undefined ? text : { text, values }
        const answers = await sessions.with(session => session.queryAll(query))
        return { rows: answers.flatMap(({ rows }) => rows) }
      },
    },
    schema,
    // `create schema if not exists` asks for the right to make one even where it is there.
    createSchema: !isThere,
    schedule: false,
    superviseIntervalSeconds: ANSWER_S,
    monitorIntervalSeconds: ANSWER_S,
    registerInstance: false,
    monitorVacuum: false,
    reindex: false,
  })
  // Without anybody who hears it an error ends the process. Whoever opened it is told by the rejection.
  const ignore = (): void => {}
  boss.on('error', ignore)
  try {
    await boss.start()
    return boss
  } catch (error) {
    await boss.stop({ graceful: false }).catch(ignore)
    if (codeOf(error) !== '42501') throw error
    throw new BadInput(`${address.name} lets this user make no schema, and schedules need one`, {
      hint: `whoever may make it says once: create schema ${schema} authorization ${String(address.config.user)}`,
      cause: error,
    })
  }
}

/** Of two schemas of one database each has ticks of its own. */
const findSchema = async (sessions: Sessions) => {
  const { rows } = await sessions.with(session => session.query('select current_schema() as own'))
  const own = String(rows[0]?.own)
  const schema = own === 'public' ? NAME : `${NAME}_${hash(own).slice(0, 8)}`
  const found = await sessions.with(session =>
    session.query({ text: 'select 1 from pg_namespace where nspname = $1::text', values: [schema] }),
  )
  return { schema, isThere: found.rows.length > 0 }
}

const NAME = 'socsync_schedules'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

const idOf = ({ name, at, since }: Tick): string =>
  hash(`${name} ${at} ${since}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
