import { execFile } from 'node:child_process'
import { cpSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeFolder } from '../support/artefacts.ts'
import { ROOT } from '../support/documents.ts'

/** A package as it is installed, in a folder of its own, which goes when it is disposed of. */
export interface LaidOut extends Disposable {
  /** Its program. */
  readonly program: string
}

/** What was built, without the sources: these take longer to start, and some 20 MB more. */
export const layOut = async (): Promise<LaidOut> => {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT })
  const folder = makeFolder()
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  for (const name of ['dist', 'node_modules', 'package.json', 'page', 'examples'])
    symlinkSync(join(ROOT, name), join(folder, name))
  return {
    program: join(folder, 'bin/socsync.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
