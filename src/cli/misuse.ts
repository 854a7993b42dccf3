import type { Command, CommanderError } from 'commander'
import { BadInput } from '../core/errors.ts'

/**
 * Mistakes on the command line in the words of all others: what is wrong, and below it what is near and where the nearest help
 * is. To be told once all commands are there.
 */
export const inOneVoice = (program: Command): Command => {
  overrideExit(program, 'socsync --help lists the commands')
  for (const command of program.commands) pointToHelp(command, `socsync ${command.name()}`)
  return program
}

const pointToHelp = (command: Command, name: string): void => {
  overrideExit(command, `${name} --help shows its flags`)
  for (const part of command.commands) pointToHelp(part, `${name} ${part.name()}`)
}

const overrideExit = (command: Command, help: string): void => {
  command.configureOutput({ outputError: () => {} }).exitOverride(error => {
    throw asOurs(error, help)
  })
}

/** Help that was shown, asked for or not, is all there is to say. */
const asOurs = (error: CommanderError, help: string): Error => {
  if (error.exitCode === 0 || error.code === 'commander.help') return error
  const [what = '', ...near] = error.message.replace(/^error: /, '').split('\n')
  const hints = near.map(hint => hint.replace(/^\((.*)\)$/, '$1').replace(/^D/, 'd'))
  return new BadInput(what, { hint: [...hints, help].join(' '), cause: error })
}
