import type { Command, Option } from 'commander'
import { LISTS } from '../../core/params.ts'
import { SCOPES } from '../../core/scope.ts'
import { STATUSES } from '../../core/task.ts'
import { EXPORTABLE } from '../../export/kinds.ts'
import { networks } from '../../networks/registry.ts'

/** What may stand behind a flag, or as an argument: one of some words, a file, or nothing that could be known. */
export type Values = readonly string[] | 'file' | null

export interface FlagWords {
  /** `--scope` */
  readonly long: string
  readonly description: string
  /** Undefined = it takes no value. */
  readonly values: Values | undefined
}

/** A command with what may follow its name. */
export interface CommandWords {
  /** `db check`; '' = `socsync` itself. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly flags: readonly FlagWords[]
  readonly argument: Values
}

/** Every command, the program itself first, as commander knows them. */
export const wordsOf = (program: Command): readonly CommandWords[] => of(program, '')

const of = (command: Command, path: string): readonly CommandWords[] => [
  {
    path,
    commands: command.commands.map(part => ({ name: part.name(), description: part.description() })),
    flags: [
      ...command.options
        .filter(option => !option.hidden && option.long)
        .map(option => ({
          long: option.long ?? '',
          description: option.description,
          values: option.required || option.optional ? valuesOf(option) : undefined,
        })),
      { long: '--help', description: 'help', values: undefined },
    ],
    argument: argumentOf(command),
  },
  ...command.commands.flatMap(part => of(part, `${path} ${part.name()}`.trim())),
]

/** The paths of all commands as a pattern of a shell's `case`, each with a blank before its last word. */
export const pathsPattern = (commands: readonly CommandWords[]): string =>
  commands
    .filter(({ path }) => path !== '')
    .map(({ path }) => (path.includes(' ') ? `'${path}'` : `' ${path}'`))
    .join('|')

const NETWORKS = networks.map(({ name }) => name)

/** Flags, and arguments by their names, whose values are known beyond what is written in their definition. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '--network': NETWORKS,
  '--networks': NETWORKS,
  '--reopen': NETWORKS,
  '--scope': SCOPES,
  '--lists': LISTS,
  '--status': STATUSES,
  what: EXPORTABLE,
}

const valuesOf = ({ long, flags, argChoices }: Option): Values =>
  argChoices ?? KNOWN[long ?? ''] ?? fromName(/[<[](.+)[>\]]/.exec(flags)?.[1] ?? '')

const argumentOf = ({ registeredArguments: [argument] }: Command): Values =>
  argument === undefined ? null : (argument.argChoices ?? KNOWN[argument.name()] ?? fromName(argument.name()))

/** `pages|off` as two words, `file|url` and `path` as files. */
const fromName = (name: string): Values => {
  if (/\b(file|path)\b/.test(name)) return 'file'
  const words = name.split('|')
  return words.length > 1 && words.every(word => /^[a-z]+$/.test(word)) && !/date|duration|id/.test(name)
    ? words
    : null
}
