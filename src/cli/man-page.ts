import { stripVTControlCharacters } from 'node:util'
import type { Argument, Command } from 'commander'
import { EXIT_CODES } from './exit-codes.ts'

/** The manual page as roff with the macros of man(7), from the definitions of all commands. */
export const manPage = async (program: Command): Promise<string> => {
  const version = program.version() ?? ''
  const commands = leavesOf(program, [])
  return `${[
    `.TH SOCSYNC 1 "" ${quoted(`socsync ${version}`)} "User Commands"`,
    '.SH NAME',
    'socsync \\- copies what the official APIs of Instagram, YouTube and TikTok tell about a list of profiles',
    '.SH SYNOPSIS',
    ...commands.map(({ name, command }) => `.B socsync ${escaped(name)}\n${usageOf(command)}\n.br`),
    '.SH DESCRIPTION',
    escaped(program.description()),
    ...afterHelp(program),
    '.SH COMMANDS',
    ...commands.flatMap(described),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT_CODES).map(([code, meaning]) => `.TP\n.B ${code}\n${escaped(meaning)}`),
    '.SH FILES',
    ...FILES.map(([file, meaning]) => `.TP\n.I ${escaped(file)}\n${escaped(meaning)}`),
    '.SH SEE ALSO',
    escaped('README.md and docs/ of the package'),
  ].join('\n')}\n`
}

const FILES: readonly (readonly [file: string, meaning: string])[] = [
  ['./socsync.db', 'the database, where neither --db nor SOCSYNC_DB names another'],
  ['./sandbox.db', 'the same with --sandbox'],
  ['~/.config/socsync/credentials.json', 'tokens and keys; renewed ones are written there'],
]

interface Leaf {
  readonly name: string
  readonly command: Command
}

const leavesOf = (command: Command, path: readonly string[]): readonly Leaf[] =>
  command.commands.flatMap(part => {
    const way = [...path, part.name()]
    return part.commands.length === 0 ? [{ name: way.join(' '), command: part }] : leavesOf(part, way)
  })

const usageOf = (command: Command): string =>
  escaped(['[options]', ...command.registeredArguments.map(argumentText)].join(' '))

const argumentText = (argument: Argument): string => {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${text}>` : `[${text}]`
}

const described = ({ name, command }: Leaf): readonly string[] => [
  `.SS ${quoted(`socsync ${name}`)}`,
  escaped(command.description()),
  ...command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description, defaultValue }) => {
      const otherwise = typeof defaultValue === 'string' ? ` (default ${defaultValue})` : ''
      return `.TP\n.B ${escaped(flags)}\n${escaped(`${description}${otherwise}`)}`
    }),
  ...afterHelp(command),
]

/** What stands below a command's flags in its help, as it is laid out there. */
const afterHelp = (command: Command): readonly string[] => {
  const parts: string[] = []
  command.configureOutput({ writeOut: text => parts.push(text) })
  command.outputHelp()
  // The first part is what commander makes of the definitions, which stands above in the words of a manual.
  const text = stripVTControlCharacters(parts.slice(1).join('')).trim()
  return text === '' ? [] : ['.PP', '.nf', ...text.split('\n').map(escaped), '.fi']
}

/** A dash is a minus that can be copied; nothing at the beginning of a line is a request. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
    .replaceAll(
      /[^\x00-\x7f]/gu,
      letter => `\\[u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )

const quoted = (text: string): string => `"${escaped(text).replaceAll('"', '\\(dq')}"`
