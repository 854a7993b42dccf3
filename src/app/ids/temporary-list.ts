import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IdInput } from './ids.ts'

/** A list in a file of its own, its owner's alone to read, that is gone when it is disposed. */
export interface TemporaryList extends AsyncDisposable {
  readonly input: IdInput
  write(bytes: string | Uint8Array): Promise<void>
  /** Nothing more is written. */
  finish(): Promise<void>
}

/** Opens an empty one in the system's folder of temporary files. */
export const openTemporaryList = async (): Promise<TemporaryList> => {
  const folder = await mkdtemp(join(tmpdir(), 'socsync-'))
  const file = join(folder, 'ids')
  const handle = await open(file, 'wx', 0o600)
  let isOpen = true
  const finish = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    input: { file },
    write: bytes => handle.appendFile(bytes),
    finish,
    [Symbol.asyncDispose]: async () => {
      await finish()
      await rm(folder, { recursive: true })
    },
  }
}
