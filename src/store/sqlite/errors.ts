import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { BadInput, SocsyncError, StoreBroken } from '../../core/errors.ts'

/** Whether another process was writing at that moment. */
export const isBusy = (error: unknown): boolean =>
  isSqlite(error)
    ? error.code.startsWith('SQLITE_BUSY')
    : error instanceof SocsyncError && isBusy(error.cause ?? null)

const isSqlite = (error: unknown): error is Error & { code: string } =>
  hasCode(error) && error.code.startsWith('SQLITE_')

/** What an error of SQLite or of the file system means to a user. Ours and bugs pass through. */
export const translateDatabaseError = (path: string, error: unknown): unknown => {
  if (error instanceof SocsyncError || !hasCode(error)) return error
  const { code } = error
  const found = MEANINGS.find(({ codes }) => codes.some(known => code.startsWith(known)))
  if (found !== undefined) return found.means(path, error)
  if (!isSqlite(error) || BUGS.some(known => code.startsWith(known))) return error
  // A full disk has more faces than SQLITE_FULL: a log or an index that cannot grow is an IOERR.
  const free = freeBytes(path)
  return free !== null && free < SMALLEST_ROOM
    ? full(path, error)
    : new StoreBroken(`${path}: ${error.message}`, { cause: error })
}

/** SQLite's shared index of a log grows by this. */
const SMALLEST_ROOM = 32_768

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

const freeBytes = (path: string): number | null => {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize
  } catch {
    return null
  }
}

const full = (path: string, cause: Error): SocsyncError => {
  const free = freeBytes(path)
  return new StoreBroken(`no space left for ${path}${free === null ? '' : ` (${free} bytes free)`}`, {
    hint: 'all that was committed is intact: free some space, then `socsync resume --all`',
    cause,
  })
}

interface Meaning {
  /** Beginnings of codes. */
  readonly codes: readonly string[]
  means(path: string, cause: Error): SocsyncError
}

const MEANINGS: readonly Meaning[] = [
  {
    codes: ['SQLITE_NOTADB'],
    means: (path, cause) =>
      new BadInput(`${path} is not a database`, { hint: 'name another file with --db', cause }),
  },
  {
    codes: ['SQLITE_CANTOPEN', 'ENOENT', 'ENOTDIR', 'EISDIR'],
    means: (path, cause) =>
      new BadInput(`cannot open ${path}`, {
        hint: `the folder ${dirname(path)} must exist and be writable`,
        cause,
      }),
  },
  {
    codes: ['SQLITE_READONLY', 'SQLITE_PERM', 'EACCES', 'EPERM', 'EROFS'],
    means: (path, cause) =>
      new BadInput(`${path} cannot be written`, {
        hint: `the file and its folder ${dirname(path)} must be writable`,
        cause,
      }),
  },
  {
    codes: ['SQLITE_BUSY'],
    means: (path, cause) =>
      new SocsyncError(`${path} is being written by another process`, 4, {
        hint: 'try again in a moment',
        cause,
      }),
  },
  { codes: ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'], means: full },
  {
    codes: ['EIO'],
    means: (path, cause) =>
      new StoreBroken(`${path}: its disk fails: ${cause.message}`, {
        hint: 'what was told as stored is intact: `socsync db check` on a copy, on another disk',
        cause,
      }),
  },
  {
    codes: ['SQLITE_CORRUPT'],
    means: (path, cause) =>
      new StoreBroken(`${path} is damaged`, {
        hint: 'nothing was changed: put the newest of your backups (`socsync db backup`) in its place',
        cause,
      }),
  },
]

/** Codes that say that a statement of ours is wrong. */
const BUGS = ['SQLITE_CONSTRAINT', 'SQLITE_ERROR', 'SQLITE_MISUSE', 'SQLITE_RANGE']
