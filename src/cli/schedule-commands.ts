import type { Command } from 'commander'
import { common, credentialed, examples, examplesWith, kept, logged } from './shared-flags.ts'
import { keepHeapSmall } from './small-heap.ts'

/** `socsync schedule …` */
export const addScheduleCommands = (program: Command): void => {
  const schedule = program.command('schedule').description('runs at set times')
  kept(schedule.command('add <name> [ids...]'))
    .description(
      'store a run and when it is done: `socsync worker`s do it (PostgreSQL); for a file, print the line of a crontab',
    )
    .requiredOption('--cron <expression>', 'minute, hour, day of the month, month, day of the week')
    .option('--time-zone <name>', 'whose clocks these are, such as Europe/Zurich', 'UTC')
    .option('--systemd', 'for a file: print a timer and a service instead')
    .addHelpText(
      'after',
      examples(
        "socsync schedule add nightly --sandbox --cron '0 3 * * *' --time-zone Europe/Zurich --scope all",
        "socsync schedule add hourly --sandbox --cron '20 * * * *' --network tiktok ada.bakes --scope profile",
      ),
    )
    .addHelpText(
      'after',
      examplesWith(
        'a token and a list of your own',
        "socsync schedule add nightly --cron '0 3 * * *' --time-zone Europe/Zurich --ids profiles.txt --scope all",
      ),
    )
    .action(async (name: string, ids: string[], _flags, command: Command) =>
      (await import('./commands/schedule.ts')).scheduleAddCommand(name, ids, command.optsWithGlobals()),
    )
  common(schedule.command('list'))
    .description('each schedule with its next time, and how its last run ended')
    .addHelpText(
      'after',
      examples('socsync schedule list --sandbox', 'socsync schedule list --json --sandbox'),
    )
    .action(async (_flags, command: Command) =>
      (await import('./commands/schedule.ts')).scheduleListCommand(command.optsWithGlobals()),
    )
  logged(credentialed(schedule.command('run-now <name>')))
    .description('do what a schedule names: on a file here and now, else by a worker')
    .option('--raw <pages|off>', 'on a file: whether answers are kept as received (default pages)')
    .option('--strict', 'on a file: exit 3 where a profile does not exist')
    .option('--quiet', 'nothing, unless a person is needed')
    .option('--verbose', 'every call')
    .addHelpText('after', examples('socsync schedule run-now nightly --sandbox'))
    .hook('preAction', keepHeapSmall)
    .action(async (name: string, _flags, command: Command) =>
      (await import('./commands/schedule.ts')).scheduleRunNowCommand(name, command.optsWithGlobals()),
    )
  common(schedule.command('remove <name>'))
    .description('remove a schedule; what its runs brought stays')
    .addHelpText('after', examples('socsync schedule remove nightly --sandbox'))
    .action(async (name: string, _flags, command: Command) =>
      (await import('./commands/schedule.ts')).scheduleRemoveCommand(name, command.optsWithGlobals()),
    )
}
