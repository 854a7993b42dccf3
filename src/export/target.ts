import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { BadInput } from '../core/errors.ts'
import { beginFile, codeOf, translateFileError } from './whole-file.ts'

/** Where an export goes. Disposed without `finish` a file leaves no trace. */
export interface Target extends AsyncDisposable {
  /** Resolves when there is room for more; false = whoever read has gone, and the rest need not be made. */
  write(chunk: string | Uint8Array): Promise<boolean>
  finish(): Promise<void>
}

export interface TargetOptions {
  /** Whether an existing file may be replaced. */
  readonly force: boolean
  /** Standard output, unless a test has its own. */
  readonly stdout?: Writable
}

/**
 * Opens a file, or standard output where `out` is null. A file is written whole or not at all and an existing one
 * needs `force`, else BadInput; a device or a pipe is written as it is. No room left throws StoreBroken.
 */
export const openTarget = async (
  out: string | null,
  { force, stdout = process.stdout }: TargetOptions,
): Promise<Target> => {
  if (out === null) return streamTarget(stdout)
  const path = resolve(out)
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) throw new BadInput(`${path} is a folder`, { hint: 'name a file in it' })
  // To replace a device or a pipe by a file would be a fine way to lose /dev/null.
  if (found !== null && !found.isFile()) return deviceTarget(path)
  if (found !== null && !force) throw alreadyThere(path)
  const file = await beginFile(path)
  return {
    write: async chunk => {
      await file.write(chunk)
      return true
    },
    finish: () => file.commit(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

export const alreadyThere = (path: string): BadInput =>
  new BadInput(`${path} is there already`, { hint: 'replace it with --force, or name another place' })

const deviceTarget = async (path: string): Promise<Target> => {
  const handle = await open(path, 'w').catch((cause: unknown) => translateFileError(cause, path))
  return {
    write: chunk =>
      handle.writeFile(chunk).then(
        () => true,
        (cause: unknown) => (isGone(cause) ? false : translateFileError(cause, path)),
      ),
    finish: async () => {},
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

/** The reader of a pipe that has left, `| head`, is no error: it has what it wanted. */
const isGone = (cause: unknown): boolean => ['EPIPE', 'ERR_STREAM_DESTROYED'].includes(codeOf(cause))

const streamTarget = (stream: Writable): Target => {
  let failure: Error | null = null
  // Stays for good: a pipe may tell that its reader has gone long after the last write.
  stream.on('error', error => {
    failure ??= error
  })
  const settled = (): Promise<boolean> => {
    if (failure !== null)
      return isGone(failure) ? Promise.resolve(false) : translateFileError(failure, 'standard output')
    return Promise.resolve(!stream.destroyed)
  }
  return {
    write: async chunk => {
      if (await settled()) {
        await new Promise<void>(done =>
          stream.write(chunk, error => {
            failure ??= error ?? null
            done()
          }),
        )
      }
      return settled()
    },
    finish: async () => void (await settled()),
    [Symbol.asyncDispose]: async () => {},
  }
}

const CHUNK = 64 * 1024

export interface Written {
  readonly bytes: number
  /** SHA-256 of what was written, in hexadecimal. */
  readonly sha256: string
  /** False where the reader left before the end. */
  readonly whole: boolean
}

/** Writes pieces to a target in chunks of 64 kB, and finishes it. */
export const writeAll = async (
  pieces: AsyncIterable<string | Uint8Array>,
  target: Target,
): Promise<Written> => {
  const hash = createHash('sha256')
  let bytes = 0
  let waiting: Buffer[] = []
  let size = 0
  const flush = async (): Promise<boolean> => {
    const chunk = Buffer.concat(waiting)
    waiting = []
    size = 0
    hash.update(chunk)
    bytes += chunk.length
    return chunk.length === 0 || (await target.write(chunk))
  }
  for await (const piece of pieces) {
    const buffer = typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)
    waiting.push(buffer)
    size += buffer.length
    if (size >= CHUNK && !(await flush())) return { bytes, sha256: hash.digest('hex'), whole: false }
  }
  const whole = await flush()
  await target.finish()
  return { bytes, sha256: hash.digest('hex'), whole }
}
