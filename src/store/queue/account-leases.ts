import { instant } from '../../core/instant.ts'
import type { Account } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Database } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { reap, type Worker } from './worker.ts'

/** How long a worker keeps an account that another one waits for, if it always has something to do with it. */
const TURN_MS = 30_000
/** For so long after it gave way it does not ask for it again: whoever waits asks more often. */
const GIVE_WAY_MS = 2_000
/** How often it looks whether somebody waits, and whether one that has it is dead. */
const LOOK_MS = 1_000

/** An account that this worker has, for so many of its lanes. */
interface Held {
  users: number
  readonly since: number
  lookedAt: number
  givesWay: boolean
}

/**
 * The accounts whose calls this worker makes, where a network counts by account: one worker at a time has each. A lease is a
 * row that goes with its worker's: of a dead one at once, of a frozen one when its own lease is over, and then it makes no
 * more calls (`Worker.isOverdue`). Moments are of `performance.now()`.
 */
export class AccountLeases {
  readonly #database: Database
  readonly #worker: Worker
  readonly #now: () => number
  readonly #held = new Map<string, Held>()
  /** From when an account that it gave way with is asked for again. */
  readonly #askAgainAt = new Map<string, number>()
  /** One transition at a time. */
  #last: Promise<unknown> = Promise.resolve()
  #reapedAt = Number.NEGATIVE_INFINITY

  /** `now` = epoch ms by the clock of the runs. */
  constructor(database: Database, worker: Worker, now: () => number) {
    this.#database = database
    this.#worker = worker
    this.#now = now
  }

  /** For one more lane. False = another worker has it, which is told that somebody waits. */
  take(of: Account): Promise<boolean> {
    return this.#inTurn(async () => {
      const key = keyOf(of)
      const held = this.#held.get(key)
      if (held !== undefined) {
        if (!held.givesWay) held.users++
        return !held.givesWay
      }
      if ((this.#askAgainAt.get(key) ?? 0) > performance.now()) return false
      await this.#reap()
      if (!(await this.#write(of))) return false
      const since = performance.now()
      this.#held.set(key, { users: 1, since, lookedAt: since, givesWay: false })
      return true
    })
  }

  /** Whether a lane that has it begins more with it. False: others have waited for long enough. */
  async keeps(of: Account): Promise<boolean> {
    const held = this.#held.get(keyOf(of))
    if (held === undefined || held.givesWay) return false
    const now = performance.now()
    if (now - held.since < TURN_MS || now - held.lookedAt < LOOK_MS) return true
    held.lookedAt = now
    const row = await this.#database.committed.get<Account, { worker: string; wanted_at: string | null }>(
      lease,
      of,
    )
    held.givesWay = row?.worker !== this.#worker.id || row.wanted_at !== null
    return !held.givesWay
  }

  /** One lane is done with it; the last one gives it back. */
  leave(of: Account): Promise<void> {
    return this.#inTurn(async () => {
      const key = keyOf(of)
      const held = this.#held.get(key)
      if (held === undefined || --held.users > 0) return
      await this.#worker.write(tx => tx.run(giveBack, { ...of, worker: this.#worker.id }))
      this.#held.delete(key)
      if (held.givesWay) this.#askAgainAt.set(key, performance.now() + GIVE_WAY_MS)
    })
  }

  /** Synced to disk by itself: what a server forgot would be given to two. */
  #write(of: Account): Promise<boolean> {
    return this.#worker.take(async tx => {
      const at = await tx.now()
      if ((await tx.run(take, { ...of, worker: this.#worker.id, at })) > 0) return true
      tx.send(want, { ...of, at })
      return false
    })
  }

  /** What dead and frozen ones have is free when they are buried. */
  async #reap(): Promise<void> {
    const now = performance.now()
    if (now - this.#reapedAt < LOOK_MS) return
    this.#reapedAt = now
    await reap(this.#database, this.#worker, instant(this.#now()))
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const acted = this.#last.then(act)
    this.#last = acted.catch(() => {})
    return acted
  }
}

const keyOf = ({ network, account }: Account): string => `${network} ${account}`

type Leased = Account & { readonly worker: string; readonly at: string }

const ofAccount = builder
  .selectFrom('account_leases')
  .where('network', '=', param<string>('network'))
  .where('account', '=', param<string>('account'))

const lease: Statement<Account> = statement(ofAccount.select(['worker', 'wanted_at']))

const take: Statement<Leased> = statement(
  builder
    .insertInto('account_leases')
    .values({
      network: param<string>('network'),
      account: param<string>('account'),
      worker: param<string>('worker'),
      taken_at: param<string>('at'),
      wanted_at: null,
    })
    .onConflict(conflict =>
      conflict
        .columns(['network', 'account'])
        .doUpdateSet(eb => ({ taken_at: eb.ref('excluded.taken_at'), wanted_at: null }))
        .whereRef('account_leases.worker', '=', 'excluded.worker'),
    ),
)

const want: Statement<Omit<Leased, 'worker'>> = statement(
  builder
    .updateTable('account_leases')
    .set({ wanted_at: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('account', '=', param<string>('account'))
    .where('wanted_at', 'is', null),
)

const giveBack: Statement<Omit<Leased, 'at'>> = statement(
  builder
    .deleteFrom('account_leases')
    .where('network', '=', param<string>('network'))
    .where('account', '=', param<string>('account'))
    .where('worker', '=', param<string>('worker')),
)
