import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Network } from '../../networks/contract.ts'
import { secretVariables } from '../credentials/environment.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

/** What cron gives a command that its crontab says nothing of (crontab(5)). */
const PATH_OF_CRON = '/usr/bin:/bin'

const run = promisify(execFile)

/** Whether what this user's crontab starts of socsync finds a program and its tokens: cron has neither `PATH` nor what is exported. */
export const checkCron = async (
  networks: readonly Network[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> => {
  const table = await run('crontab', ['-l'], { env }).then(
    ({ stdout }) => stdout,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : ''),
  )
  if (table === null)
    return [note('cron', 'this machine has no crontab', 'docs/schedules.md has units of systemd')]
  const lines = table.split('\n').filter(line => /^\s*[\d*@]/.test(line) && /\bsocsync\b/.test(line))
  if (lines.length === 0)
    return [
      note('cron', 'no line of your crontab starts socsync', 'crontab -e, with a line of examples/crontab'),
    ]
  const set = variablesOf(table)
  const wrongs = lines.flatMap(line => [...programOf(line, set), ...tokensOf(line, set, networks, env)])
  const different = [...new Map(wrongs.map(finding => [finding.said, finding])).values()]
  return different.length > 0
    ? different
    : [
        ok(
          'cron',
          `${lines.length === 1 ? 'a line' : `${lines.length} lines`} of your crontab ${lines.length === 1 ? 'starts' : 'start'} socsync, with a program and tokens`,
        ),
      ]
}

/** `NAME=value` lines of a crontab. */
const variablesOf = (table: string): ReadonlyMap<string, string> =>
  new Map(
    [...table.matchAll(/^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace(/^(["'])(.*)\1$/, '$2'),
    ]),
  )

const programOf = (line: string, set: ReadonlyMap<string, string>): readonly Finding[] => {
  const [, program] = /(?:^|[\s;&|])(npx|node|socsync)\s/.exec(line) ?? []
  if (program === undefined || /(?:^|[\s;&|])PATH=/.test(line)) return []
  const path = set.get('PATH') ?? PATH_OF_CRON
  if (path.split(delimiter).some(folder => existsSync(join(folder, program)))) return []
  return [
    wrong(
      'cron',
      `cron finds no ${program} in ${path}`,
      `a line above the others in crontab -e: PATH=${dirname(process.execPath)}:${PATH_OF_CRON}`,
    ),
  ]
}

/** Tokens that only this shell has. A line that reads a file first, or names a credentials file, may have its own. */
const tokensOf = (
  line: string,
  set: ReadonlyMap<string, string>,
  networks: readonly Network[],
  env: NodeJS.ProcessEnv,
): readonly Finding[] => {
  const givesItself = /--credentials|--sandbox|(?:^|[\s;&|])(?:\.|source)\s|_FILE=|CREDENTIALS/.test(line)
  const given = ['CREDENTIALS_DIRECTORY', 'SOCSYNC_CREDENTIALS'].some(name => set.has(name))
  if (givesItself || given || env.CREDENTIALS_DIRECTORY) return []
  const unseen = networks
    .flatMap(network => secretVariables(network, env))
    .filter(variable => !set.has(variable) && !line.includes(variable))
  return unseen.map(variable =>
    wrong(
      'cron',
      `cron does not see ${variable}: what a shell exports is not there`,
      'move it to the credentials file: docs/cron.md#what-cron-does-not-have',
    ),
  )
}
