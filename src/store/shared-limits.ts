import { instant } from '../core/instant.ts'
import type { Account, LedgerPool, SharedLimits } from '../core/ports.ts'
import type { Database } from './database/database.ts'
import { AccountLeases } from './queue/account-leases.ts'
import { rest } from './queue/ledger.ts'
import type { Worker } from './queue/worker.ts'

/** The limits that all machines on a database keep together, as one of their workers sees them. `now` = epoch ms by the clock of the runs. */
export const openSharedLimits = (database: Database, worker: Worker, now: () => number): SharedLimits => {
  const leases = new AccountLeases(database, worker, now)
  return {
    takeAccount: (of: Account) => leases.take(of),
    keepsAccount: (of: Account) => leases.keeps(of),
    leaveAccount: (of: Account) => leases.leave(of),
    rest: (entry: LedgerPool, until: number) => worker.write(tx => rest(tx, entry, instant(until)), 'light'),
    isOverdue: () => worker.isOverdue,
    renew: () => worker.renew(),
  }
}
