import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beginFile, codeOf, translateFileError } from '../../export/whole-file.ts'
import type { CredentialValues } from '../../networks/contract.ts'
import { fieldsOf, parseJson } from '../config/json-file.ts'
import { type FileLock, lockFile } from './lock.ts'

/** What tells whether values are still those that a renewal was made from, without holding them. */
export const fingerprint = (values: CredentialValues): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(values).sort()))
    .digest('hex')
    .slice(0, 32)

export interface Renewal {
  readonly network: string
  /** The credential's name, `instagram-1`. */
  readonly name: string
  /** Only what changed. */
  readonly values: CredentialValues
  /** The {@link fingerprint} of the environment's values that these replace, or null: the entry is the file's own. */
  readonly renews: string | null
}

/**
 * Lets `work` find out new tokens and save them in the credentials file, which is made with its folder where it is
 * missing: whole or not at all, only its owner's to read. Processes that do so at once take turns, by `<file>.lock`
 * beside it; whether the file can be written shows before an old token is given away.
 */
export const renewing = async <T>(
  path: string,
  work: (save: (renewal: Renewal) => Promise<void>) => Promise<T>,
): Promise<T> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause: unknown) =>
    translateFileError(cause, path),
  )
  await using lock = await lockFile(path)
  // Awaited here, so that the lock outlives the work.
  return await work(renewal => save(path, lock, renewal))
}

const save = async (path: string, lock: FileLock, renewal: Renewal): Promise<void> => {
  for (;;) {
    const content = renewed(await readLists(path), renewal)
    await using file = await beginFile(path)
    await file.write(`${JSON.stringify(content, null, 2)}\n`)
    if (await lock.isHeld()) return await file.commit()
    // Begins again with what is there now: nobody's entry is lost.
    await lock.take()
  }
}

type Lists = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

const readLists = async (path: string): Promise<Lists> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) =>
    codeOf(cause) === 'ENOENT' ? '{}' : translateFileError(cause, path),
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
