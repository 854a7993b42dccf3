import { shownWord } from '../app/config/shell-word.ts'
import type { Flags } from './flags.ts'

/** What the command line said of where things are, for all commands that are named to the person who gave it. */
let place: Flags = {}

/** To be told once, before a command does anything. */
export const notePlace = (flags: Flags): void => {
  place = flags
}

/**
 * A command as it can be pasted: with `--db`, `--sandbox`, `--config` and `--credentials` as this process was given them,
 * without a password. What stands in the environment stands there for the next one, too.
 */
export const pasted = (command: string): string => `${command}${flagsFor(command)}`

/** A text in which commands stand between backticks, each as it can be pasted. */
export const pastedIn = (text: string): string =>
  text.replaceAll(/`(socsync [^`]+)`/g, (_, command: string) => `\`${pasted(command)}\``)

/** A run with the words of a command line, as it can be pasted, without a password. */
export const pastedRun = (words: readonly string[]): string =>
  ['socsync run', ...words.map(shownWord)].join(' ')

/** What has no database, and what names its own. */
const PLACELESS = /^socsync sandbox\b| --(db|from)\b/
const LETS_ITSELF_IN = /^socsync (run|plan|resume|auth|serve|schedule run-now)\b/

const flagsFor = (command: string): string => {
  if (PLACELESS.test(command)) return ''
  const { db, sandbox, config, credentials } = place
  const given = LETS_ITSELF_IN.test(command) ? { db, config, credentials } : { db, config }
  const words = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' ? [` --${name} ${shownWord(value)}`] : [],
  )
  return [...(sandbox === true ? [' --sandbox'] : []), ...words].join('')
}
