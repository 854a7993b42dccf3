import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreBroken } from '../../../../src/core/errors.ts'
import { instant } from '../../../../src/core/instant.ts'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import { reap, Worker } from '../../../../src/store/queue/worker.ts'
import { SqliteFile } from '../../../../src/store/sqlite/database.ts'
import { tempFolder } from '../../../support/cli.ts'
import { openWrite, query } from '../../../support/tables.ts'

const AT = instant(Date.UTC(2026, 0, 1))
const LONG_AGO = '2000-01-01T00:00:00.000Z'

let folder: ReturnType<typeof tempFolder>
let path: string
let file: SqliteFile
beforeEach(async () => {
  folder = tempFolder()
  path = folder.file('socsync.db')
  file = SqliteFile.open(path)
  await migrate(file, { crash: () => {} })
})
afterEach(async () => {
  vi.useRealTimers()
  await file.close()
  folder[Symbol.dispose]()
})

const change = (sql: string): void => {
  const other = openWrite(path)
  other.exec(sql)
  other.close()
}
/** A run of a worker with a job that holds a profile. */
const holdProfile = (worker: string): void =>
  change(`
    insert into sync_runs (id, trigger, scopes, params, trace_id, worker, created_at)
      values (1, 'cli', '[]', '{}', 't', '${worker}', '${AT}');
    insert into sync_jobs (id, network, entity_id, cursor, status, run_id, scopes, params, bounds, open_tasks, stored,
      trace_id, created_at)
      values (1, 'tiny', 'one', '{}', 'running', 1, '[]', '{}', '[]', 0, 0, 't', '${AT}');
    insert into entities (network, entity_id, watermarks, first_seen_at, lock_job_id, lock_worker, locked_at)
      values ('tiny', 'one', '{}', '${AT}', 1, '${worker}', '${AT}')`)
const held = () => query(path, 'select entity_id from entities where lock_worker is not null')
const workers = () => query(path, 'select id from workers').map(({ id }) => id)

describe('a lease that cannot be renewed', () => {
  const FAILS = `create trigger fails before update of lease_expires_at on workers begin select raise(abort, 'no'); end`
  /** Lets the renewals that are due come to their end. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      vi.advanceTimersByTime(1_000)
      await file.write(() => {})
    }
  }
  const open = async (): Promise<Worker> => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date', 'performance'] })
    return Worker.start(file)
  }

  it('ends what asks for more once it is over, and says why; what is under way can still be stored', async () => {
    const worker = await open()
    change(FAILS)
    await pass(15_000)
    expect(await worker.take(() => 'within the lease')).toBe('within the lease')
    await pass(10_000)
    const refused = worker.take(() => 'over')
    await expect(refused).rejects.toBeInstanceOf(StoreBroken)
    await expect(refused).rejects.toThrow('the lease of this run could not be renewed: no')
    expect(await worker.write(() => 'stored')).toBe('stored')
    await worker.stop(AT)
  })

  it('that is renewed again is as good as new', async () => {
    const worker = await open()
    change(FAILS)
    await pass(30_000)
    change('drop trigger fails')
    await pass(5_000)
    expect(await worker.take(() => 'on')).toBe('on')
    await worker.stop(AT)
  })

  it('was only not renewed by a process that stood still: it goes on', async () => {
    const worker = await open()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(await worker.take(() => 'on')).toBe('on')
    await worker.stop(AT)
  })
})

describe('taking over', () => {
  it('spares a worker that renewed its lease between the look at it and the transaction', async () => {
    const worker = await Worker.start(file)
    holdProfile(worker.id)
    change(`update workers set lease_expires_at = '${LONG_AGO}'`)
    const inFlight = Promise.withResolvers<void>()
    const renewal = file.write(async tx => {
      const lease = { lease_expires_at: instant(Date.now() + 20_000) }
      await tx.db.updateTable('workers').set(lease).execute()
      await inFlight.promise
    })
    const taken = reap(file, null, AT)
    // Time for the look, which reads what is committed.
    for (let turn = 0; turn < 20; turn++) await new Promise(resume => setImmediate(resume))
    inFlight.resolve()
    await renewal
    expect(await taken).toBe(0)
    expect(workers()).toEqual([worker.id])
    expect(held()).toHaveLength(1)
    await worker.stop(AT)
  })

  it('of one that is frozen puts its jobs aside', async () => {
    const worker = await Worker.start(file)
    holdProfile(worker.id)
    change(`update workers set lease_expires_at = '${LONG_AGO}'`)
    expect(await reap(file, null, AT)).toBe(1)
    expect({ workers: workers(), held: held() }).toEqual({ workers: [], held: [] })
    await worker.stop(AT)
  })

  it.each(['', `; update sync_runs set finished_at = '${AT}'`])(
    'of what somebody holds who is no worker any more%s',
    async and => {
      holdProfile('nobody')
      change(`select 1${and}`)
      expect(await reap(file, null, AT)).toBe(1)
      expect(held()).toEqual([])
      expect(query(path, 'select status, error_type from sync_jobs')).toEqual([
        { status: 'partial', error_type: 'interrupted' },
      ])
      expect(await reap(file, null, AT)).toBe(0)
    },
  )
})

it('a worker that cannot begin or end its part leaves no file behind', async () => {
  const left = () => readdirSync(folder.path).filter(name => name.includes('.worker-'))
  change(`create trigger fails before insert on workers begin select raise(abort, 'no'); end`)
  await expect(Worker.start(file)).rejects.toThrow('no')
  expect(left()).toEqual([])
  change('drop trigger fails')
  const worker = await Worker.start(file)
  expect(left()).not.toEqual([])
  change(`create trigger fails before delete on workers begin select raise(abort, 'no'); end`)
  await expect(worker.stop(AT)).rejects.toThrow('no')
  expect(left()).toEqual([])
})
