import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { socsync, startProgram, tempFolder } from '../../support/cli.ts'
import { ROOT } from '../../support/documents.ts'
import type { Figure, Measure } from '../figure.ts'
import { leastOf } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

const TURNS = 10

/** A package as it is installed: what was built, without the sources. Returns its program. */
const layOut = async (folder: string): Promise<string> => {
  const { code, stdout, stderr } = await startProgram('npm', ['run', 'build'], { cwd: ROOT }).ended
  if (code !== 0) throw new Error(`npm run build ended with ${code}: ${stdout}${stderr}`)
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  for (const name of ['dist', 'node_modules', 'package.json', 'page', 'examples'])
    symlinkSync(join(ROOT, name), join(folder, name))
  return join(folder, 'bin/socsync.js')
}

/** Whole processes of the package against `node -e 0`, the least of ten turns each. */
export const start: Measure = {
  name: 'start',
  async *measure() {
    using folder = tempFolder()
    const program = await layOut(folder.path)
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
      const took = await leastOf(TURNS, process.execPath, [program, ...args], standIn.env)
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
