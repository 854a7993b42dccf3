import type { AddHelpTextContext, Command } from 'commander'
import { ENTITY_KINDS } from '../core/entity.ts'
import { LISTS } from '../core/params.ts'
import { SCOPES } from '../core/scope.ts'
import { columnsOf, examplesText } from './help.ts'

/** What every command knows. */
export const common = (command: Command): Command =>
  command
    .option('--db <file|url>', 'the database: a file or postgres://… (default ./socsync.db, or SOCSYNC_DB)')
    .option('--config <file>', 'settings as JSON (or SOCSYNC_CONFIG)')
    .option('--sandbox', 'the built-in sandbox, without any token, and its own file ./sandbox.db')
    .option('--json', 'one JSON object on stdout')
    .option('--no-color', 'no colours (or NO_COLOR)')

/** What every command that lets itself in knows. */
export const credentialed = (command: Command): Command =>
  common(command).option(
    '--credentials <file>',
    'tokens and keys as JSON, readable by you alone (or SOCSYNC_CREDENTIALS)',
  )

export const asking = (command: Command): Command =>
  credentialed(command)
    .option('--network <name>', 'only this network')
    .option('--max-wait <duration>', 'wait at most so long for a limit (default 60s)')

/** What every command that fetches knows. */
export const running = (command: Command, queue = 'queue what lands'): Command =>
  credentialed(command)
    .option(
      '--concurrency <n>',
      'exactly so many calls in flight per network (default 4 at first, more as it answers)',
    )
    .option('--budget <units>', 'spend at most so many units of quota (default: no ceiling)')
    .option(
      '--max-wait <duration>',
      'wait at most so long for a limit, then leave the rest for later (default 60s)',
    )
    .option('--raw <pages|off>', 'whether answers are kept as received (default pages)')
    .option('--transform <names>', `${queue} for these transforms, separated by commas`)
    .option('--quiet', 'nothing, unless a person is needed')
    .option('--verbose', 'every call')

/** How what goes on is told meanwhile. */
export const logged = (command: Command): Command =>
  command
    .option('--log-format <text|json>', 'lines for people, or JSON (default: bars on a terminal, else text)')
    .option('--log-file <file>', 'add the lines to this file (default: stderr)')

/** What the commands know that fetch a list of profiles. */
export const listed = (command: Command): Command =>
  logged(ordered(running(command))).option('--strict', 'exit 3 where a profile does not exist')

/** How a run works, where it is kept for later. */
export const kept = (command: Command): Command =>
  ordered(common(command))
    .option(
      '--concurrency <n>',
      'exactly so many calls in flight per network (default 4 at first, more as it answers)',
    )
    .option('--budget <units>', 'spend at most so many units of quota (default: no ceiling)')
    .option(
      '--max-wait <duration>',
      'wait at most so long for a limit, then leave the rest for later (default 60s)',
    )
    .option('--transform <names>', 'queue what lands for these transforms, separated by commas')

/** How people are replaced in what goes out. */
export const pseudonymising = (command: Command): Command =>
  command
    .option(
      '--pseudonymise <authors|all>',
      'ids and names of people as pseudonyms: all but those of the profiles of the list, or these too',
    )
    .option(
      '--pseudonym-key <file>',
      'the key of the pseudonyms, made where there is none (default beside the database, or SOCSYNC_PSEUDONYM_KEY)',
    )

/** A list of profiles, and what is wanted of them. */
const ordered = (command: Command): Command =>
  command
    .option('--ids <file>', 'the list of profiles or posts, one a line; - for stdin')
    .option('--network <name>', 'the network of all ids; without it each line says its own')
    .option(
      '--as <kind>',
      `what ids point at that do not say it by an address or a prefix (post:…): ${ENTITY_KINDS.join(', ')} (default profile)`,
    )
    .option(
      '--query <file>',
      'what a search asks for, as JSON in its network’s words; it is called as the file, search:NAME, and needs no list',
    )
    .option('--scope <scopes>', `what is wanted, separated by commas: ${SCOPES.join(', ')} (default posts)`)
    .option(
      '--since <date|id|last>',
      'posts from this day (UTC) or after this id; last = no further back than each profile is covered',
    )
    .option('--until <date|id>', 'posts before this day (UTC) or before this id')
    .option('--limit-posts <n>', 'at most so many posts of each profile (default: all)')
    .option('--limit-comments <n>', 'at most so many comments of each post (default: all)')
    .option('--replies <none|inline|full>', 'how deep replies are read (default full)')
    .option(
      '--lists <lists>',
      `lists that a profile may show beside its posts, separated by commas, each paid for by itself: ${LISTS.join(', ')}; what each network has: docs/commands.md (default: none)`,
    )
    .option(
      '--lookback <duration>',
      'posts younger than this are looked at again though nothing says that they changed (default 3d, Instagram 7d)',
    )
    .option(
      '--full-every <duration>',
      'read all of a profile again when that was last done so long ago; 0s = now (default 30d)',
    )
    .option(
      '--refresh-after <duration>',
      'only continue a profile whose last reading began less than this ago; 0s = read each anew (default 6h)',
    )
    .option('--fresh', 'begin anew, without unfinished jobs, and try at once what was put off')
    .option('--wait', 'wait for profiles that another run holds, instead of skipping them')

/** What runs as it stands, in order and in any folder. */
export const examples = (...lines: readonly string[]) => under('Examples:', lines)

/** What runs where something is there that is the reader's own. */
export const examplesWith = (what: string, ...lines: readonly string[]) => under(`With ${what}:`, lines)

const under =
  (heading: string, lines: readonly string[]) =>
  ({ error }: AddHelpTextContext): string =>
    examplesText(heading, lines, columnsOf(error ? process.stderr : process.stdout))
