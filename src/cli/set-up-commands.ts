import { Argument, type Command } from 'commander'
import { credentialed, examples } from './shared-flags.ts'

/** What has to do with how socsync is set up on this machine: `doctor`, `config …`, `completion`, `man`, `version`. */
export const addSetUpCommands = (program: Command): void => {
  credentialed(program.command('doctor'))
    .description(
      'look at Node.js, config, database, disk, clock, credentials, proxy, certificates, quota and cron: what is wrong, and what mends it',
    )
    .option('--offline', 'ask no network whether the credentials work')
    .addHelpText('after', examples('socsync doctor --sandbox', 'socsync doctor --offline --json --sandbox'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/doctor.ts')).doctorCommand(command.optsWithGlobals()),
    )

  const config = program.command('config').description('settings, and what the files that hold them may say')
  credentialed(config.command('show'))
    .description('each value with where it comes from: flag, variable, config file or default; no secret')
    .addHelpText('after', examples('socsync config show', 'socsync config show --sandbox --json'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/config.ts')).configShowCommand(command.optsWithGlobals()),
    )
  config
    .command('schema')
    .addArgument(new Argument('[file]', 'which file').choices(['config', 'credentials']).default('config'))
    .description(
      'the JSON Schema of the config file, or of the credentials file: editors complete and check by it',
    )
    .addHelpText('after', examples('socsync config schema', 'socsync config schema credentials'))
    .action(async (file: string) => (await import('./commands/config.ts')).configSchemaCommand(file))

  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
    .description('a script that completes commands, flags and their values in a shell')
    .addHelpText(
      'after',
      examples(
        'socsync completion bash > completion.bash',
        'socsync completion zsh > _socsync',
        'socsync completion fish > socsync.fish',
      ),
    )
    .action(async (shell: string) =>
      (await import('./commands/completion.ts')).completionCommand(shell, program),
    )
  program
    .command('man')
    .description('the manual page, as man(1) reads it')
    .addHelpText('after', examples('socsync man > socsync.1'))
    .action(async () => (await import('./commands/completion.ts')).manCommand(program))
  program
    .command('version')
    .description('the version, and of what it depends on')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', examples('socsync version', 'socsync version --json'))
    .action(async (_flags, command: Command) =>
      (await import('./commands/version.ts')).versionCommand(
        command.optsWithGlobals(),
        program.version() ?? '',
      ),
    )
}
