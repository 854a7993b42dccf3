import { BINARY, socsync, tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { leastOf } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

const TURNS = 10

/** Whole processes of the package against `node -e 0`, the least of ten turns each. */
export const start: Measure = {
  name: 'start',
  async *measure() {
    using folder = tempFolder()
    await using standIn = await startStandIn()
    const db = folder.file('socsync.db')
    const run = ['run', '--network', 'youtube', '--scope', 'profile', '--quiet', '--db', db]
    await socsync([...run, profileOf('youtube', 1)], { env: standIn.env })
    const node = await leastOf(TURNS, process.execPath, ['-e', '0'])
    const commands: readonly (readonly [string, readonly string[], number])[] = [
      ['--version', ['--version'], 1.5],
      ['--help', ['--help'], 1.5],
      ['status', ['status', '--db', db], 2.5],
      ['a run of one call', [...run, profileOf('youtube', 1)], 4],
    ]
    for (const [name, args, most] of commands) {
      const took = await leastOf(TURNS, process.execPath, [BINARY, ...args], standIn.env)
      yield {
        name: `start: ${name}`,
        value: took / node,
        unit: '×',
        reach: { most },
        note: `of node -e 0 · ${took.toFixed(0)} ms and ${node.toFixed(0)}`,
        isStable: true,
      } satisfies Figure
    }
  },
}
