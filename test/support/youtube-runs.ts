import { writeFile } from 'node:fs/promises'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from './cli.ts'
import { perFile, perTest } from './fresh.ts'
import { startSandbox } from './sandbox.ts'

/** A sandbox for all tests of a file, and for each a database and what is run with it on YouTube. */
export const openRuns = () => {
  const sandbox = perFile(() => startSandbox({ networks }))
  const folder = perTest(() => {
    const made = tempFolder()
    sandbox().log.clear()
    return {
      file: made.file,
      [Symbol.dispose]: () => {
        sandbox().switches.clear()
        made[Symbol.dispose]()
      },
    }
  })
  const db = (): string => folder().file('socsync.db')
  const call = (...args: readonly string[]): Promise<Ended> =>
    socsync([...args, '--db', db()], { env: sandbox().env })
  return {
    sandbox,
    folder,
    db,
    call,
    run: (...args: readonly string[]): Promise<Ended> =>
      call('run', '--network', 'youtube', '--refresh-after', '0s', ...args),
    /** How often each method was asked, since the log was cleared. */
    calls: (): Record<string, number> => {
      const names = sandbox().log.calls.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
      sandbox().log.clear()
      return Object.fromEntries([...Map.groupBy(names, name => name)].map(([name, of]) => [name, of.length]))
    },
    listOf: async (lines: readonly string[]): Promise<string> => {
      const file = folder().file('list.txt')
      await writeFile(file, lines.join('\n'))
      return file
    },
  }
}
