import type { Instant } from '../core/instant.ts'
import type { CrashPoint } from '../core/ports.ts'
import { migrate } from './admin/migrate.ts'
import { openDatabase } from './connect.ts'
import type { Database } from './database/database.ts'
import type { Ticks, TicksOptions } from './database/ticks.ts'
import {
  type Asked,
  addSchedule,
  answerTick,
  type NewSchedule,
  orderScheduled,
  removeSchedule,
} from './queue/schedules.ts'
import { reap } from './queue/worker.ts'
import { readTimes, type ScheduleTimes } from './reports/schedule-report.ts'

/** The schedules in a database. */
export class ScheduleStore implements AsyncDisposable {
  readonly #database: Database
  readonly #path: string

  private constructor(database: Database, path: string) {
    this.#database = database
    this.#path = path
  }

  /** Opens or makes the database. */
  static async open(path: string, crash: CrashPoint): Promise<ScheduleStore> {
    const database = await openDatabase(path)
    try {
      await migrate(database, { crash })
      return new ScheduleStore(database, path)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Whether workers do what a schedule names. */
  get isShared(): boolean {
    return this.#database.isShared
  }

  /** The moment by the clock that ticks go by. */
  now(): Promise<Instant> {
    return this.#database.committed.now()
  }

  times(): Promise<readonly ScheduleTimes[]> {
    return readTimes(this.#database.committed.db)
  }

  /** False: there is one of this name. BadInput where a server's role may not make what ticks are kept in. */
  async add(schedule: Omit<NewSchedule, 'createdAt'>): Promise<boolean> {
    if (this.isShared) await (await server()).installTicks(this.#path)
    const createdAt = await this.now()
    return this.#database.write(tx => addSchedule(tx, { ...schedule, createdAt }))
  }

  /** False: there was none of this name. */
  remove(name: string): Promise<boolean> {
    return this.#database.write(tx => removeSchedule(tx, name))
  }

  order(
    ...of: Parameters<typeof orderScheduled> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<Asked> {
    return this.#database.write(tx => orderScheduled(tx, ...of))
  }

  /** Puts aside what dead processes left: their runs no longer go on. */
  async reap(at: Instant): Promise<void> {
    await reap(this.#database, null, at)
  }

  /** Notes that a tick, and all before, are answered. */
  async answer(name: string, at: Instant): Promise<void> {
    await this.#database.write(tx => answerTick(tx, name, at))
  }

  /** What hands ticks to one of the workers of a server's database. */
  async openTicks(options: TicksOptions): Promise<Ticks> {
    return (await server()).openTicks(this.#path, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close()
  }
}

/** Who works on a file loads none of it. */
const server = () => import('./postgres/ticks.ts')
