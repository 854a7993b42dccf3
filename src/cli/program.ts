import { Command, Option } from 'commander'
import { STATUSES } from '../core/task.ts'
import { EXPORT_KINDS } from '../export/kinds.ts'
import { version } from '../http/package.ts'
import { addDbCommands } from './db-commands.ts'
import { columnsOf, withHelp } from './help.ts'
import { helpOn, TOPICS } from './help-topics.ts'
import { inOneVoice } from './misuse.ts'
import { addScheduleCommands } from './schedule-commands.ts'
import { addSetUpCommands } from './set-up-commands.ts'
import {
  asking,
  common,
  credentialed,
  examples,
  examplesWith,
  listed,
  logged,
  pseudonymising,
  running,
} from './shared-flags.ts'
import { keepHeapSmall } from './small-heap.ts'

/**
 * Every command with its flags and examples. What a command does is in a file of its own, loaded when it is called,
 * so that help and mistakes are answered at once.
 */
export const buildProgram = (): Command => {
  const program = new Command('socsync')
    .description(
      'Copies what the official APIs of Instagram, YouTube and TikTok tell about a list of profiles into a SQLite file or PostgreSQL, and keeps it current.',
    )
    .version(version)
    // Each command reads what stands behind its name, `--` too.
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'socsync run --sandbox --scope all',
        'socsync status --sandbox',
        'socsync export posts --out posts.csv --sandbox',
        'socsync help db backup',
        'socsync help environment',
      ),
    )

  listed(program.command('run [ids...]'))
    .description('sync a list of profiles; unfinished jobs of the same profiles are continued')
    .option('--queue', 'only order it: a `socsync worker` does it (PostgreSQL)')
    .addHelpText(
      'after',
      examples(
        'socsync run --sandbox --network instagram two.pages.of.50 albums.only --scope posts',
        'echo tiktok:ada.bakes | socsync run --sandbox --ids - --scope comments',
      ),
    )
    .addHelpText(
      'after',
      examplesWith(
        'a token and a list of your own',
        'socsync run --network instagram --ids profiles.txt --scope posts',
        'socsync run --network youtube @nasa UCLA_DiR1FfKNvjuUpBHmylQ --scope profile',
      ),
    )
    .hook('preAction', keepHeapSmall)
    .action(async (ids: string[], _flags, command: Command) =>
      (await import('./commands/run.ts')).runCommand(ids, command.optsWithGlobals()),
    )

  listed(program.command('plan [ids...]'))
    .description('what a run with the same flags would cost, before anything is spent')
    .option('--probe', 'first read the profiles that are not stored: the cheapest call of each network')
    .addHelpText(
      'after',
      examples('socsync plan --sandbox --scope all', 'socsync plan --sandbox --network youtube --probe'),
    )
    .addHelpText(
      'after',
      examplesWith(
        'tokens and a list of your own',
        'socsync plan --ids profiles.txt --scope all --budget 5000 && socsync run --ids profiles.txt --scope all',
      ),
    )
    .hook('preAction', keepHeapSmall)
    .action(async (ids: string[], _flags, command: Command) =>
      (await import('./commands/plan.ts')).planCommand(ids, command.optsWithGlobals()),
    )

  logged(running(program.command('resume [job...]')))
    .description('continue what is partial, failed or interrupted')
    .option('--run <id>', 'all unfinished jobs of a run')
    .option('--all', 'all unfinished jobs')
    .option('--strict', 'exit 3 where a profile does not exist')
    .addHelpText('after', examples('socsync resume --all --sandbox', 'socsync resume 3 --sandbox'))
    .hook('preAction', keepHeapSmall)
    .action(async (jobs: string[], _flags, command: Command) =>
      (await import('./commands/resume.ts')).resumeCommand(jobs, command.optsWithGlobals()),
    )

  common(program.command('status [job]'))
    .description(
      'a job, a run, or the newest run: what came, what is missing and why, what it cost, what to do next',
    )
    .option('--run <id>', 'this run')
    .option('--watch', 'again every two seconds until the run has ended')
    .option(
      '--fail-if-older <duration>',
      'exit 3 where a network last gave what it was asked for longer ago than this, such as 26h',
    )
    .addHelpText(
      'after',
      examples('socsync status --sandbox', 'socsync status 3 --sandbox', 'socsync status --json --sandbox'),
    )
    .action(async (job: string | undefined, _flags, command: Command) =>
      (await import('./commands/status.ts')).statusCommand(job, command.optsWithGlobals()),
    )

  common(program.command('jobs'))
    .description('the newest job of each profile')
    .addOption(new Option('--status <status>', `only these, separated by commas: ${STATUSES.join(', ')}`))
    .option('--network <name>', 'only this network')
    .option('--limit <n>', 'at most so many', '50')
    .addHelpText(
      'after',
      examples(
        'socsync jobs --status partial,failed --sandbox',
        'socsync jobs --network youtube --json --sandbox',
      ),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/jobs.ts')).jobsCommand(command.optsWithGlobals()),
    )

  pseudonymising(common(program.command('export')))
    .argument(
      '<what>',
      `one of ${EXPORT_KINDS.join(', ')}; all = each of them, in a folder; graph = who commented on whose posts and who mentions whom, for Gephi and others`,
    )
    .description(
      'write what is stored as CSV, JSON, JSON lines, Parquet or messages of Singer; to stdout, or whole or not at all to a file',
    )
    .option(
      '--format <csv|json|jsonl|parquet|singer|gexf|graphml>',
      'the format, of a graph gexf or graphml (default: as the name after --out ends, else csv, gexf)',
    )
    .option('--gzip', 'text compressed, as a name that ends with .gz says, too')
    .option('--zstd', 'the same by Zstandard: .zst')
    .option('--out <path>', 'the file; for all, the folder, but of Singer a file too')
    .option('--network <name>', 'only this network')
    .option('--entity <id>', 'only this profile: an id in any form that a list takes, or its name')
    .option('--job <id>', 'what this job and those it continues wrote last')
    .option('--run <id>', 'what the jobs of this run wrote last')
    .option(
      '--since <date|duration>',
      'only what was fetched from this day (UTC) on, or for so long, such as 7d',
    )
    .option('--columns <names>', 'only these columns, separated by commas')
    .option(
      '--excel',
      "CSV for Excel: with a byte-order mark, long ids as text, and a ' before cells that would run as formulas",
    )
    .option(
      '--package',
      'of all, a dataset to deposit: also datapackage.json, ro-crate-metadata.json, croissant.json, and metadata.json for Datasette',
    )
    .option('--title <text>', 'what the package is called (default: by networks and years)')
    .option('--licence <id>', 'the licence of the package, as SPDX has it, such as CC-BY-4.0, or its address')
    .option('--force', 'overwrite')
    .addHelpText(
      'after',
      examples(
        'socsync export media --format csv --out media.csv --sandbox',
        'socsync export comments --format jsonl --network youtube --sandbox | head',
        'socsync export all --format json --out ./export --sandbox',
        'socsync export graph --out people.gexf --sandbox',
        'socsync export comments --pseudonymise authors --out comments.csv --sandbox',
        'socsync export all --package --licence CC-BY-4.0 --out ./deposit --sandbox',
      ),
    )
    .hook('preAction', keepHeapSmall)
    .action(async (what: string, _flags, command: Command) =>
      (await import('./commands/export.ts')).exportCommand(what, command.optsWithGlobals()),
    )

  common(program.command('diff'))
    .description(
      'what changed, by the newest run or since a moment: new, edited, gone, back again, and the largest movers',
    )
    .option('--since <date|duration>', 'from this day (UTC) or moment on, or for so long, such as 7d')
    .option('--run <id>', 'what this run changed')
    .option('--network <name>', 'only this network')
    .option('--entity <id>', 'only this profile: an id in any form that a list takes, or its name')
    .option('--limit <n>', 'at most so many of each kind (default 5)')
    .option('--format <csv|json|jsonl|parquet>', 'every change as a row, in place of the summary')
    .option('--out <path>', 'the file for the rows')
    .option('--excel', 'CSV for Excel, as in export')
    .option('--force', 'overwrite')
    .addHelpText(
      'after',
      examples(
        'socsync diff --sandbox',
        'socsync diff --since 7d --network youtube --sandbox',
        'socsync diff --since 2026-03-01 --format csv --out changes.csv --sandbox',
      ),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/diff.ts')).diffCommand(command.optsWithGlobals()),
    )

  pseudonymising(common(program.command('report')))
    .description(
      'one HTML page of what is stored, to be passed on: growth, rhythm, reactions, top posts, what changed, what is missing and why, what it cost',
    )
    .option('--out <path>', 'the file (default report.html); - for stdout')
    .option('--network <name>', 'only this network')
    .option('--entity <id>', 'only this profile: an id in any form that a list takes, or its name')
    .option(
      '--since <date|duration>',
      'only what was published, observed and spent from this day (UTC) on, or for so long, such as 30d (default: whenever; changes of the last 7 days)',
    )
    .option(
      '--limit <n>',
      'show at most so many profiles by themselves, those with the most followers (default 60)',
    )
    .option('--force', 'overwrite')
    .addHelpText(
      'after',
      examples(
        'socsync report --sandbox',
        'socsync report --network youtube --since 30d --out youtube.html --sandbox',
      ),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/report.ts')).reportCommand(command.optsWithGlobals()),
    )

  common(program.command('networks'))
    .description('what each network can give, and what it needs')
    .addHelpText('after', examples('socsync networks', 'socsync networks --json'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/networks.ts')).networksCommand(command.optsWithGlobals()),
    )

  const transform = program
    .command('transform')
    .description('external services that make something of posts, media, profiles and comments')
  logged(common(transform.command('run [names...]')))
    .description('queue what is new or changed, submit it, and ask for the results')
    .option('--concurrency <n>', 'calls in flight to each service')
    .option(
      '--max-wait <duration>',
      'wait at most so long for results, then leave the rest for the next call (default 60s)',
    )
    .option('--queue', 'leave it to the workers of a PostgreSQL database, and return at once')
    .option('--quiet', 'nothing, unless a person is needed')
    .option('--verbose', 'every call')
    .addHelpText(
      'after',
      examples(
        'socsync run --sandbox --transform demo',
        'socsync transform run --sandbox',
        'socsync transform run demo --max-wait 1h --sandbox',
      ),
    )
    .action(async (names: string[], _flags, command: Command) =>
      (await import('./commands/transform.ts')).transformRunCommand(names, command.optsWithGlobals()),
    )
  common(transform.command('status [names...]'))
    .description('how far each transform is, and what failed')
    .addHelpText(
      'after',
      examples('socsync transform status --sandbox', 'socsync transform status demo --json --sandbox'),
    )
    .action(async (names: string[], _flags, command: Command) =>
      (await import('./commands/transform.ts')).transformStatusCommand(names, command.optsWithGlobals()),
    )
  common(transform.command('retry [names...]'))
    .description('queue again what failed; `transform run` then submits it')
    .addHelpText('after', examples('socsync transform retry demo --sandbox'))
    .action(async (names: string[], _flags, command: Command) =>
      (await import('./commands/transform.ts')).transformRetryCommand(names, command.optsWithGlobals()),
    )

  const auth = program.command('auth').description('the credentials themselves')
  asking(auth.command('status'))
    .description('each credential: who it is, what it may do, until when, and whether it works')
    .addHelpText(
      'after',
      examples('socsync auth status --sandbox', 'socsync auth status --network instagram --json --sandbox'),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/auth.ts')).authStatusCommand(command.optsWithGlobals()),
    )
  asking(auth.command('refresh'))
    .description('a longer life for the tokens that can have one; runs do so by themselves')
    .addHelpText(
      'after',
      examples('socsync auth refresh --sandbox', 'socsync auth refresh --network instagram --sandbox'),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/auth.ts')).authRefreshCommand(command.optsWithGlobals()),
    )

  credentialed(auth.command('quota'))
    .description('what was used of each quota, when it counts anew, and what is closed until when')
    .option('--network <name>', 'only this network')
    .option('--reopen <network>', 'forget that its quota is used up or closed: the next run asks again')
    .addHelpText(
      'after',
      examples('socsync auth quota --sandbox', 'socsync auth quota --reopen instagram --sandbox'),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/auth.ts')).authQuotaCommand(command.optsWithGlobals()),
    )

  addDbCommands(program)

  credentialed(program.command('worker'))
    .description(
      'work on every run and every transform that is asked for of a PostgreSQL database, with other workers on any number of machines',
    )
    .option(
      '--networks <names>',
      'only runs of these, separated by commas; transforms are those of the config file whose token is set',
    )
    .option(
      '--concurrency <n>',
      'exactly so many calls in flight per network (default 4 at first, more as it answers)',
    )
    .option(
      '--max-wait <duration>',
      'wait at most so long for a limit, then leave the rest for later (default 60s)',
    )
    .option('--raw <pages|off>', 'whether answers are kept as received (default pages)')
    .option('--drain', 'end when nothing is left that can be done now')
    .option('--quiet', 'only failures')
    .option('--verbose', 'everything')
    .addHelpText(
      'after',
      examplesWith(
        'a PostgreSQL database in SOCSYNC_DB',
        'socsync worker',
        'socsync worker --networks youtube,tiktok --drain',
      ),
    )
    .hook('preAction', keepHeapSmall)
    .action(async (_flags, command: Command) =>
      (await import('./commands/worker.ts')).workerCommand(command.optsWithGlobals()),
    )

  addScheduleCommands(program)
  addSetUpCommands(program)

  running(program.command('serve'), 'where a run names none: queue what lands')
    .description('the REST API and a status page, on this machine alone unless said otherwise')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <n>', 'the port; 0 for any that is free', '8378')
    .option('--allow-host <names>', 'names beside localhost that requests may be to, separated by commas')
    .option('--tls-cert <file>', 'certificate to speak TLS with')
    .option('--tls-key <file>', 'its key')
    .option('--behind-proxy', 'a proxy speaks TLS in front of it')
    .option('--runs <n>', 'runs at once; the others wait', '2')
    .addHelpText('after', examples('socsync serve --sandbox', 'socsync serve --sandbox --port 9000 --runs 4'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/serve.ts')).serveCommand(command.optsWithGlobals()),
    )

  program
    .command('sandbox')
    .description('a local server that answers as the APIs do, for trying things out and for tests')
    .option('--port <n>', 'the port on 127.0.0.1', '8377')
    .option('--seed <n>', 'the world: same seed, same bytes', '1')
    .addOption(
      new Option('--size <size>', 'how large the world is')
        .choices(['small', 'medium', 'large'])
        .default('small'),
    )
    .option('--moving', 'the world changes with the clock')
    .option('--faults <file>', 'switches to turn on, as JSON')
    .addHelpText('after', examples('socsync sandbox', 'socsync sandbox --port 9001 --seed 7 --size large'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/sandbox.ts')).sandboxCommand(command.optsWithGlobals()),
    )

  program
    .command('help [topic...]')
    .description(`a command, or ${Object.keys(TOPICS).join(', ')}`)
    .addHelpText('after', examples('socsync help export', 'socsync help exit-codes'))
    .action(async (topic: string[]) => {
      process.stdout.write(await helpOn(topic, program, columnsOf(process.stdout)))
    })

  return withHelp(inOneVoice(program))
}
