import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, realpath, rename, rm, stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { BadInput, StoreBroken } from '../core/errors.ts'

/**
 * A file that appears under its name whole or not at all: what is written goes to `.<name>.<random>.tmp` beside
 * it, only its owner's to read, and takes its name in `commit`. Disposed without a commit it leaves no trace.
 * A full disk throws StoreBroken with the path and the free bytes, a path that cannot be written BadInput.
 */
export interface WholeFile extends AsyncDisposable {
  write(chunk: string | Uint8Array): Promise<void>
  /** Puts it in place of what has the name, safe against a power cut. */
  commit(): Promise<void>
}

/** Begins such a file, and removes what dead processes left of earlier ones with the same name. */
export const beginFile = async (path: string): Promise<WholeFile> => {
  // A link stays a link: the file that it leads to is the one to be replaced.
  const place = await realpath(path).catch(() => path)
  await sweep(place)
  const temporary = join(dirname(place), `.${basename(place)}.${OWN}-${randomBytes(6).toString('hex')}.tmp`)
  const handle = await open(temporary, 'wx', 0o600).catch((cause: unknown) => translateFileError(cause, path))
  let open_ = true
  let committed = false
  const close = async (): Promise<void> => {
    if (open_) {
      open_ = false
      await handle.close()
    }
  }
  return {
    write: chunk => handle.writeFile(chunk).catch((cause: unknown) => translateFileError(cause, path)),
    commit: async () => {
      try {
        await handle.sync()
        await close()
        await rename(temporary, place)
        committed = true
        await syncFolder(dirname(place))
      } catch (cause) {
        await translateFileError(cause, path)
      }
    },
    [Symbol.asyncDispose]: async () => {
      await close()
      if (!committed) await rm(temporary, { force: true })
    },
  }
}

/** This machine, so that a process id can be looked up, and this process. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const OWN = `${HOST}-${process.pid}`

const TEMPORARY = /^\.(.+)\.([\da-f]{8})-(\d+)-[\da-f]{12}\.tmp$/
/** After this long without a write, what another machine began counts as dead too. */
const DEAD_MS = 86_400_000

const sweep = async (place: string): Promise<void> => {
  const folder = dirname(place)
  for (const name of await readdir(folder).catch(() => [])) {
    const [, of, host, pid] = TEMPORARY.exec(name) ?? []
    if (of !== basename(place)) continue
    const old = join(folder, name)
    const dead = host === HOST && !isAlive(Number(pid))
    if (dead || (await isOld(old))) await rm(old, { force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const isOld = async (file: string): Promise<boolean> => {
  const found = await stat(file).catch(() => null)
  return found !== null && Date.now() - found.mtimeMs > DEAD_MS
}

/** A new name is on the disk when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  let handle: FileHandle | null = null
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } catch {
    // Some systems cannot; the name then becomes safe a little later.
  } finally {
    await handle?.close()
  }
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']
const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EEXIST: 'a file stands where its folder should be',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'its name is too long',
  EISDIR: 'it is a folder',
}

/** Throws what an error of the file system means to the user. */
export const translateFileError = async (cause: unknown, path: string): Promise<never> => {
  const code = codeOf(cause)
  if (FULL.includes(code)) {
    const room = await statfs(dirname(path)).catch(() => null)
    const free = room === null ? '' : ` (${room.bavail * room.bsize} bytes free)`
    throw new StoreBroken(`no room left to write ${path}${free}`, {
      cause,
      hint: 'free some space, then run again',
    })
  }
  const why = UNWRITABLE[code]
  if (why !== undefined) throw new BadInput(`${path} cannot be written: ${why}`, { cause })
  throw new StoreBroken(`${path} cannot be written (${code})`, { cause })
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
