import type { Command } from 'commander'
import { common, examples, examplesWith } from './shared-flags.ts'

/** `socsync db …` */
export const addDbCommands = (program: Command): void => {
  const db = program.command('db').description('the database itself')
  common(db.command('check'))
    .description("hold the database against its own rules and socsync's; exit 1 where it is damaged")
    .addHelpText('after', examples('socsync db check --sandbox', 'socsync db check --json --sandbox'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbCheckCommand(command.optsWithGlobals()),
    )
  common(db.command('backup [file]'))
    .description('copy the SQLite file while runs go on; by default beside it, named after the moment')
    .option('--force', 'overwrite')
    .addHelpText(
      'after',
      examples('socsync db backup --sandbox', 'socsync db backup ./backup.db --force --sandbox'),
    )
    .action(async (file: string | undefined, _flags, command: Command) =>
      (await import('./commands/db.ts')).dbBackupCommand(file, command.optsWithGlobals()),
    )
  common(db.command('migrate'))
    .description(
      'bring the database of an older socsync to this version, a file after a backup; runs do so by themselves',
    )
    .addHelpText('after', examples('socsync db migrate --sandbox'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbMigrateCommand(command.optsWithGlobals()),
    )
  common(db.command('copy'))
    .description(
      'copy a database into a new one, file or postgres://…; the same command goes on with one that was stopped',
    )
    .option('--from <db>', 'what is copied, and stays as it is (default: the one of --db)')
    .requiredOption('--to <db>', 'where to: a file that is not there, or a database that holds nothing')
    .addHelpText('after', examples('socsync db copy --from sandbox.db --to copy.db'))
    .addHelpText(
      'after',
      examplesWith(
        'a PostgreSQL server',
        'socsync db copy --from socsync.db --to postgres://socsync@db.example/socsync',
        'socsync db copy --from postgres://socsync@db.example/socsync --to socsync.db',
      ),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbCopyCommand(command.optsWithGlobals()),
    )
  common(db.command('prune'))
    .description(
      'delete what was not fetched for so long, with its history and answers as received, and runs that ended before',
    )
    .requiredOption('--older-than <duration>', 'how long, such as 90d')
    .option('--yes', 'do it; without it, only count')
    .addHelpText(
      'after',
      examples(
        'socsync db prune --older-than 90d --sandbox',
        'socsync db prune --older-than 90d --yes --sandbox',
      ),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbPruneCommand(command.optsWithGlobals()),
    )
  common(db.command('purge'))
    .description('delete all that the database holds of one profile')
    .requiredOption('--network <name>', 'its network')
    .requiredOption('--entity <id>', 'the profile: an id in any form that a list takes, or its name')
    .option('--yes', 'do it; without it, only count')
    .addHelpText('after', examples('socsync db purge --network tiktok --entity quiet.page --yes --sandbox'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbPurgeCommand(command.optsWithGlobals()),
    )
  common(db.command('rebuild'))
    .description('make records and their history anew from the stored answers, without a call')
    .option('--dry-run', 'only say what would change')
    .addHelpText('after', examples('socsync db rebuild --dry-run --sandbox', 'socsync db rebuild --sandbox'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbRebuildCommand(command.optsWithGlobals()),
    )

  common(db.command('drift'))
    .description('what is news in the stored answers: unknown, vanished and retyped fields')
    .option('--network <name>', 'only this network')
    .option('--since <date>', 'only what is news since this day (UTC)')
    .addHelpText(
      'after',
      examples('socsync db drift --sandbox', 'socsync db drift --since 2026-10-01 --json --sandbox'),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/db.ts')).dbDriftCommand(command.optsWithGlobals()),
    )
}
