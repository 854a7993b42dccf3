import { randomBytes } from 'node:crypto'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Locked } from '../../core/errors.ts'
import { codeOf, translateFileError } from '../../export/whole-file.ts'

/** The right to change a file, among processes that ask for it too. Given up when disposed. */
export interface FileLock extends AsyncDisposable {
  /** False where this process was frozen for so long that another one took it for dead. */
  isHeld(): Promise<boolean>
  /** Waits for it again. */
  take(): Promise<void>
}

/** A lock that nobody has renewed for this long was left by a dead process. */
const STALE_MS = 10_000
const RENEW_MS = 2_000
/** Longer than a call for a token may take. */
const PATIENCE_MS = 60_000

/** Waits for `<path>.lock`. Throws Locked where another process does not give it up. */
export const lockFile = async (path: string): Promise<FileLock> => {
  const lock = `${path}.lock`
  const owner = randomBytes(12).toString('hex')
  const isHeld = async (): Promise<boolean> => (await readFile(lock, 'utf8').catch(() => null)) === owner
  const take = (): Promise<void> => waitFor(lock, owner, path)
  await take()
  const renew = async (): Promise<void> => {
    if (await isHeld()) await utimes(lock, new Date(), new Date())
  }
  const timer = setInterval(() => void renew().catch(() => {}), RENEW_MS).unref()
  return {
    isHeld,
    take,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      if (await isHeld()) await rm(lock, { force: true })
    },
  }
}

const waitFor = async (lock: string, owner: string, path: string): Promise<void> => {
  for (let waited = 0; waited < PATIENCE_MS; ) {
    try {
      await using handle = await open(lock, 'wx', 0o600)
      await handle.writeFile(owner)
      return
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') await translateFileError(cause, path)
    }
    const found = await stat(lock).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(lock, { force: true })
    const wait = 10 + Math.random() * 40
    waited += wait
    await sleep(wait)
  }
  throw new Locked(`${lock} is held by another process`, { hint: 'remove it if no socsync is running' })
}
