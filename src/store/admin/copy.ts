import { BadInput, Locked, StoreBroken } from '../../core/errors.ts'
import type { CrashPoint } from '../../core/ports.ts'
import type { Database, Queries } from '../database/database.ts'
import { COPIED, type CopiedTable } from './copied-tables.ts'
import { countRows, Digest, insertInto, lastOf, type Row, slicesOf, type TableDigest } from './copy-rows.ts'
import { migrate } from './migrate.ts'
import { beginCopy, endCopy } from './unfinished-copy.ts'

export interface CopyOptions {
  /**
   * Passes `copy.begun` before the first row, `copy.written` before a slice's commit and `copy.committed` behind it, `copy.compared` when all
   * is found to be equal, and `copy.ended` before the commit that ends it.
   */
  readonly crash: CrashPoint
  /** Rows that were copied, or found again, of all that there are. */
  readonly progress: (rows: number, of: number) => void
}

/** What is copied: its name without a password, and its rows as they were at one moment. */
export interface CopySource {
  readonly name: string
  readonly at: Queries
}

/** A copy that is finished: its tables are its source's. */
export interface Copied {
  readonly from: string
  readonly to: string
  /** Whether it went on with one that had been stopped. */
  readonly wentOn: boolean
  readonly tables: Readonly<Record<string, TableDigest>>
}

/**
 * Copies all rows into a database that holds nothing, or as much of them as a copy that was stopped had brought: table by table in the
 * order in which they point to each other, by slices in the order of their keys, each in a transaction. Until all rows of both were
 * found to be the same, the target bears a mark with which nothing else can be done with it. Ids that the source has given out
 * are not given out again.
 *
 * BadInput where the target is in use, Locked while another copy is made into it, StoreBroken where the two differ in the end.
 */
export const copy = async (
  source: CopySource,
  target: Database,
  { crash, progress }: CopyOptions,
): Promise<Copied> => {
  await using held = await target.hold('copy')
  if (held === null) throw new Locked(`another process copies into ${target.name}`)
  await migrate(target, { crash, isCopy: true })
  const wentOn = await target.write(tx => beginCopy(tx, target.name, source.name))
  crash('copy.begun')

  let all = 0
  for (const table of COPIED) all += await countRows(source.at, table)
  let passed = 0
  const pass = async (rows: number): Promise<void> => {
    passed += rows
    progress(passed, all)
    await new Promise(resume => setImmediate(resume))
  }
  await pass(0)
  const tables: Record<string, TableDigest> = {}
  for (const table of COPIED) tables[table.name] = await copyTable(source, target, table, { crash, pass })
  for (const table of COPIED) {
    const { rows, sha256 } = await digestOf(target.committed, table)
    const wanted = tables[table.name]
    if (wanted?.rows !== rows || wanted.sha256 !== sha256) throw differs(source.name, target.name, table.name)
  }
  crash('copy.compared')

  const ids = new Map<CopiedTable['name'], number>()
  for (const { name, givesIds } of COPIED) if (givesIds) ids.set(name, await source.at.lastId(name))
  await target.write(async tx => {
    for (const [name, id] of ids) await tx.countOn(name, id)
    await endCopy(tx)
    crash('copy.ended')
  })
  return { from: source.name, to: target.name, wentOn, tables }
}

interface TableOptions extends Pick<CopyOptions, 'crash'> {
  readonly pass: (rows: number) => Promise<void>
}

/** Brings what the target has not got of a table. Returns what the source has. */
const copyTable = async (
  source: CopySource,
  target: Database,
  table: CopiedTable,
  { crash, pass }: TableOptions,
): Promise<TableDigest> => {
  const digest = new Digest(table)
  const after = await lastOf(target.committed, table)
  if (after !== null) {
    for await (const rows of slicesOf(source.at, table, { last: after })) {
      digest.add(rows)
      await pass(rows.length)
    }
    const { sha256 } = await digestOf(target.committed, table)
    if (sha256 !== digest.sum.sha256) throw hasChanged(source.name, target.name, table.name)
  }
  for await (const rows of slicesOf(source.at, table, { after })) {
    // Looked at before they are written: some cannot be.
    digest.add(rows)
    const insert = insertInto(table, rows[0] as Row)
    await target.write(async tx => {
      tx.sendEach(insert, rows)
      crash('copy.written')
    })
    crash('copy.committed')
    await pass(rows.length)
  }
  return digest.sum
}

const digestOf = async (queries: Queries, table: CopiedTable): Promise<TableDigest> => {
  const digest = new Digest(table)
  for await (const rows of slicesOf(queries, table)) {
    digest.add(rows)
    await new Promise(resume => setImmediate(resume))
  }
  return digest.sum
}

const differs = (source: string, target: string, table: string): StoreBroken =>
  new StoreBroken(`${target} is not what ${source} is: their ${table} differ`, {
    hint: 'it stays marked as unfinished: delete it, and copy into a new database',
  })

const hasChanged = (source: string, target: string, table: string): BadInput =>
  new BadInput(`${source} has changed since its copy to ${target} was begun: their ${table} differ`, {
    hint: 'a copy that was stopped goes on only with what it began with: delete it, and copy into a new database',
  })
