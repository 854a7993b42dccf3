import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Locked } from '../../core/errors.ts'
import { beginFile, codeOf, explain } from '../../export/whole-file.ts'
import { fieldsOf, parseJson } from '../json-file.ts'

/** What tells whether the environment still holds the token that a renewal was made from, without holding it. */
export const fingerprint = (values: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(values).sort()))
    .digest('hex')
    .slice(0, 32)

export interface Renewal {
  readonly network: string
  /** The credential's name, `instagram-1`. */
  readonly name: string
  /** Only what changed. */
  readonly values: Readonly<Record<string, string>>
  /** The {@link fingerprint} of the environment's values that these replace, or null: the entry is the file's own. */
  readonly renews: string | null
}

/**
 * Writes renewed tokens into the credentials file, which is made with its folder where it is missing: whole or not at all, only its
 * owner's to read. Processes that do so at once take turns, by `<file>.lock` beside it; nobody's entry is lost.
 */
export const saveRenewed = async (path: string, renewal: Renewal): Promise<void> => {
  const lock = `${path}.lock`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause: unknown) => explain(cause, path))
  const owner = randomBytes(12).toString('hex')
  for (;;) {
    await takeLock(lock, owner, path)
    try {
      const content = renewed(await readLists(path), renewal)
      await using file = await beginFile(path)
      await file.write(`${JSON.stringify(content, null, 2)}\n`)
      // Whoever was frozen for longer than a lock lasts has lost it, and begins again with what is there now.
      if ((await ownerOf(lock)) !== owner) continue
      return await file.commit()
    } finally {
      if ((await ownerOf(lock)) === owner) await rm(lock, { force: true })
    }
  }
}

type Lists = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

const readLists = async (path: string): Promise<Lists> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) =>
    codeOf(cause) === 'ENOENT' ? '{}' : explain(cause, path),
  )
  // `readCredentialsFile` has held it to its shape.
  return fieldsOf(parseJson(text, path), path) as Lists
}

const renewed = (lists: Lists, { network, name, values, renews }: Renewal): Lists => {
  const list = lists[network] ?? []
  const index = list.findIndex((entry, position) => (entry.name ?? `${network}-${position + 1}`) === name)
  const mark = renews === null ? {} : { name, renews }
  const entries =
    index === -1
      ? [...list, { ...mark, ...values }]
      : list.with(index, { ...list[index], ...mark, ...values })
  return { ...lists, [network]: entries }
}

/** A lock is held for milliseconds: one this old was left by a dead process. */
const STALE_MS = 10_000
const PATIENCE_MS = 30_000

const takeLock = async (lock: string, owner: string, path: string): Promise<void> => {
  for (let waited = 0; waited < PATIENCE_MS; ) {
    try {
      await using handle = await open(lock, 'wx', 0o600)
      await handle.writeFile(owner)
      return
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') await explain(cause, path)
    }
    const found = await stat(lock).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(lock, { force: true })
    const wait = 10 + Math.random() * 40
    waited += wait
    await sleep(wait)
  }
  throw new Locked(`${lock} is held by another process`, { hint: 'remove it if no socsync is running' })
}

const ownerOf = (lock: string): Promise<string | null> => readFile(lock, 'utf8').catch(() => null)
