import { existsSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { attempt } from './connect.ts'

/**
 * A name that one process has until it gives it back or dies: an exclusive transaction, held open on a small file beside
 * the database. Whoever obtains that transaction knows at once that the process is dead (1 ms after kill -9), whatever
 * its pid means by now. Null = another one has it. BadInput where the folder cannot be written.
 */
export const hold = (path: string, name: string): Disposable | null => {
  const held = attempt(path, () => new Database(holdFile(path, name), { timeout: 0 }))
  try {
    held.exec('begin exclusive')
  } catch {
    held.close()
    return null
  }
  return {
    [Symbol.dispose]: () => {
      held.close()
      clearHold(path, name)
    },
  }
}

/** Whether a process that lives has this name. */
export const isHeld = (path: string, name: string): boolean => {
  const file = holdFile(path, name)
  if (!existsSync(file)) return false
  const probe = new Database(file, { timeout: 0 })
  try {
    probe.exec('begin exclusive')
    probe.exec('rollback')
    return false
  } catch {
    return true
  } finally {
    probe.close()
  }
}

/** Takes away what a process left that had this name and died. */
export const clearHold = (path: string, name: string): void => {
  for (const end of ['', '-journal']) rmSync(`${holdFile(path, name)}${end}`, { force: true })
}

const holdFile = (path: string, name: string): string => `${path}.worker-${name}`
