import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isKept } from './artefacts.ts'
import { tempFolder } from './cli.ts'

/** A file system of a test's own, gone with the test. */
export interface Disk extends Disposable {
  file(name: string): string
}

const BALLAST = 'ballast'

/** A disk of so many MB in memory with a file `ballast` on it that leaves `free` bytes; null where none may be mounted. */
export const smallDisk = (megabytes: number, free: number): Disk | null => {
  const disk = mounted(['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs'])
  if (disk === null) return null
  const { bavail, bsize } = statfsSync(disk.file('.'))
  writeFileSync(disk.file(BALLAST), Buffer.alloc(bavail * bsize - free))
  return disk
}

/** What a folder holds, on a disk that cannot be written; null where none may be mounted. */
export const readOnly = (folder: string): Disk | null => mounted(['--bind', '-o', 'ro', folder])

const mounted = (options: readonly string[]): Disk | null => {
  const folder = tempFolder()
  const place = folder.file('disk')
  mkdirSync(place)
  try {
    execFileSync('mount', [...options, place], { stdio: 'ignore' })
  } catch {
    folder[Symbol.dispose]()
    return null
  }
  return {
    file: name => folder.file(`disk/${name}`),
    [Symbol.dispose]: () => {
      const kept = { recursive: true, filter: (path: string) => basename(path) !== BALLAST }
      if (isKept) cpSync(place, folder.file('kept'), kept)
      // Lazily: a process of the test that was killed may not have let go of it yet.
      execFileSync('umount', ['--lazy', place])
      folder[Symbol.dispose]()
    },
  }
}
