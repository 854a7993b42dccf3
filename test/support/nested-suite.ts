import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Ended, startProgram } from './cli.ts'
import { ROOT } from './documents.ts'

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs test files once more, in a suite of their own: on another database, with another binary. */
export const runFiles = (
  files: readonly string[],
  { config = 'vitest.config.ts', env }: { config?: string; env: Readonly<Record<string, string>> },
): Promise<Ended> => {
  const args = [VITEST, 'run', '--config', config, ...files]
  return startProgram(process.execPath, args, { env: { NO_COLOR: '1', ...env }, cwd: ROOT }).ended
}
