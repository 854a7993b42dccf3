import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { BadInput, StoreBroken } from '../../core/errors.ts'
import type { Backup } from '../database/database.ts'
import { connectReadOnly } from './connect.ts'
import { translateDatabaseError } from './errors.ts'

/** Pages copied between two looks at the event loop: 4 MB. */
const PAGES = 1_000

/**
 * Copies a file as it is at this moment, while others go on writing. The copy is one file that needs no log beside it,
 * its owner's alone to read, found whole by SQLite, and appears under its name whole or not at all. BadInput where
 * the name is taken and `force` is false, StoreBroken where the file is damaged or the disk full.
 */
export const backUp = async (path: string, to: string, force: boolean): Promise<Backup> => {
  const file = resolve(to)
  const source = connectReadOnly(path)
  const copy = join(dirname(file), `.${basename(file)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  try {
    refuseTaken(resolve(path), file, force)
    sweep(file)
    closeSync(openSync(copy, 'wx', 0o600))
    await copyPages(source, copy)
    finish(copy, resolve(path))
    renameSync(copy, file)
    sync(dirname(file))
    return { file, bytes: statSync(file).size }
  } catch (error) {
    throw translateDatabaseError(file, error)
  } finally {
    source.close()
    remove(copy)
  }
}

/** One open transaction pins the moment; without it every commit of another process would start the copy anew. */
const copyPages = async (source: Database.Database, copy: string): Promise<void> => {
  source.exec('begin')
  source.prepare('select count(*) from sqlite_schema').get()
  await source.backup(copy, { progress: () => PAGES })
}

/** Takes the copy out of WAL mode, reads it through (8 ms per MB), and has it on the disk. */
const finish = (copy: string, path: string): void => {
  const database = new Database(copy)
  try {
    database.pragma('journal_mode = DELETE')
    const found = database.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw damaged(path, found)
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CORRUPT')
      ? damaged(path, error)
      : error
  } finally {
    database.close()
  }
  sync(copy)
}

const damaged = (path: string, cause: unknown): StoreBroken =>
  new StoreBroken(`${path} is damaged: no backup was made of it`, {
    hint: 'keep a plain copy of it and its -wal, then put the newest of your backups in its place',
    cause,
  })

const refuseTaken = (path: string, file: string, force: boolean): void => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return
  const own = statSync(path)
  const itself = found.ino === own.ino && found.dev === own.dev
  if (itself || BESIDE.some(end => file === `${path}${end}`)) {
    throw new BadInput(`${file} is the database itself`, { hint: 'name another file' })
  }
  if (!found.isFile()) throw new BadInput(`${file} is no file`, { hint: 'name a file' })
  if (!force) throw new BadInput(`${file} exists already`, { hint: 'name another file, or add --force' })
  const log = BESIDE.map(end => `${file}${end}`).find(existsSync)
  if (log !== undefined) {
    throw new BadInput(`${file} is a database in use: ${log} belongs to it`, { hint: 'name another file' })
  }
}

/** What SQLite keeps beside a file, and would read into another one of the same name. */
const BESIDE = ['-wal', '-shm', '-journal']

/** Removes what dead processes left of earlier copies with the same name. */
const sweep = (file: string): void => {
  for (const name of readdirSync(dirname(file))) {
    const [, of, pid] = TEMPORARY.exec(name) ?? []
    if (of === basename(file) && !isAlive(Number(pid))) remove(join(dirname(file), name))
  }
}

const TEMPORARY = /^\.(.+)\.(\d+)-[\da-f]{12}\.tmp$/

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const remove = (copy: string): void => {
  for (const end of ['', ...BESIDE]) rmSync(`${copy}${end}`, { force: true })
}

/** Has a file on the disk; of a folder, the names in it. */
const sync = (path: string): void => {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
