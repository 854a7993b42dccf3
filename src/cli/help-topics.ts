import type { Command } from 'commander'
import { BadInput } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { listOf } from './help.ts'
import { wrapped } from './wrapped.ts'

/** What `socsync help` knows beside commands, each made as wide as it is told. */
export const TOPICS = {
  environment: width => environment(width),
  'exit-codes': width =>
    `${paragraphs(['The first that applies, in the order 130/143, 1, 2, 4, 6, 5, 75, 3, 0.'], width)}${listOf('Exit codes:', Object.entries(EXIT_CODES).toSorted(byCode), width)}`,
  ids: width => ids(width),
} as const satisfies Readonly<Record<string, (width: number) => string | Promise<string>>>

/** Numbers are keys that objects have in their own order; the signals stand last in any case. */
const byCode = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  Number.parseInt(a, 10) - Number.parseInt(b, 10)

/** The help of a command by its words, or of a topic; without any, of all. BadInput where there is neither. */
export const helpOn = async (words: readonly string[], program: Command, width: number): Promise<string> => {
  const name = words.join(' ')
  const topic = Object.entries(TOPICS).find(([known]) => known === name)?.[1]
  if (topic !== undefined) return await topic(width)
  const command = words.reduce<Command | undefined>(
    (of, word) => of?.commands.find(one => one.name() === word),
    program,
  )
  if (command === undefined) {
    const known = [...Object.keys(TOPICS), ...namesOf(program)]
    const meant = nearest(name, known)
    throw new BadInput(`there is no help on "${name.slice(0, 60)}"`, {
      hint: `${meant === null ? '' : `did you mean ${meant}? `}socsync --help lists the commands; beside them there are ${Object.keys(TOPICS).join(', ')}`,
    })
  }
  command.outputHelp()
  return ''
}

const namesOf = (command: Command, path = ''): readonly string[] =>
  command.commands.flatMap(part => {
    const name = `${path}${part.name()}`
    return [name, ...namesOf(part, `${name} `)]
  })

const paragraphs = (texts: readonly string[], width: number): string =>
  texts.map(text => `${wrapped(text, width).join('\n')}\n`).join('\n')

const environment = async (width: number): Promise<string> => {
  const { networks } = await import('../networks/registry.ts')
  const intro = paragraphs(
    [
      'Flags win over variables, these over the config file, that over the defaults. An empty variable counts as none. cron sees only what its crontab sets.',
      'Of credentials several, separated by commas, are used in turn. Each is also read from the file that its name with _FILE behind it names, or from one of its name in lower case in CREDENTIALS_DIRECTORY.',
    ],
    width,
  )
  const settings = listOf(
    'Settings:',
    [
      ['SOCSYNC_DB', 'in place of --db'],
      ['SOCSYNC_CONFIG', 'in place of --config'],
      ['SOCSYNC_CREDENTIALS', 'in place of --credentials'],
      [
        'SOCSYNC_LIMIT_POSTS …',
        'in place of --limit-posts; so for each flag that the help of a command says it of',
      ],
      ['NO_COLOR', 'no colours'],
      ['COLUMNS', 'how wide help is where it is not written to a terminal'],
      ['XDG_CONFIG_HOME', 'below it lies socsync/credentials.json'],
      ['SOCSYNC_SERVE_TOKEN', 'the token of `socsync serve`, or _FILE behind it'],
      ['NODE_EXTRA_CA_CERTS', 'a file of certificates that are trusted beside those of Node'],
    ],
    width,
  )
  const credentials = networks.map(network =>
    listOf(
      `${network.title}, one of:`,
      [
        ...network.credentials.map(
          ({ name, fields }) =>
            [
              name,
              fields.map(({ variable, required }) => (required ? variable : `[${variable}]`)).join(' '),
            ] as const,
        ),
        ['address', `${network.baseUrlVariable} replaces its hosts`],
      ],
      width,
    ),
  )
  return `${intro}${settings}${credentials.join('')}`
}

const ids = async (width: number): Promise<string> => {
  const { networks } = await import('../networks/registry.ts')
  return `${paragraphs(
    [
      'A list of profiles is a file (--ids profiles.txt), stdin (--ids -), or arguments: one a line, a bare id, an @handle or an address. # begins a comment; blank lines, CRLF, a byte-order mark and duplicates are fine. A bad line refuses the whole list before anything is fetched.',
      'Without --network each line says its own, by a prefix (youtube:@nasa) or by its address. An id that begins with a dash is taken as it is where --network is given, else behind --. --entity takes the same forms, and the name that a stored profile shows.',
      'run and plan with --sandbox take a list of their own where none is given.',
    ],
    width,
  )}${listOf(
    'Forms:',
    networks.map(({ name, idForms }) => [name, idForms] as const),
    width,
  )}`
}
