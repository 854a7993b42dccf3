import { CommanderError } from 'commander'
import { SocsyncError } from '../core/errors.ts'
import { withDashIds } from './dash-ids.ts'
import { notePlace, pastedIn } from './pasted.ts'
import { buildProgram } from './program.ts'
import { redactor } from './redactor.ts'
import { fitted, printable } from './show/text.ts'

/**
 * The command line: reads flags, runs one command, and turns whatever it throws into one line and an exit code.
 * The only catch of the CLI. Sets `process.exitCode` and lets the process end by itself: `process.exit` would cut
 * off output that a pipe has not taken yet.
 */
export const main = async (argv: readonly string[]): Promise<void> => {
  process.umask(0o077)
  // An export says more of it than its code: it throws, and is reported below.
  let broken: string | null = null
  let told = false
  // A reader that is gone (`| head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    process.exitCode = 1
    broken = error.code ?? error.message
  })
  process.once('exit', () => {
    if (broken !== null && !told)
      process.stderr.write(`socsync: standard output cannot be written (${broken})\n`)
  })
  try {
    const program = buildProgram().hook('preAction', (_, command) => notePlace(command.optsWithGlobals()))
    await program.parseAsync(await withDashIds(argv, program))
  } catch (error) {
    told = true
    process.exitCode = report(error, argv.includes('--json'))
  }
}

/** Writes the line that a person needs, and returns the exit code. */
const report = (error: unknown, json: boolean): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof SocsyncError) {
    tell(error, json)
    return error.exitCode
  }
  const bug = redactor.text(error instanceof Error ? (error.stack ?? error.message) : String(error))
  const what = 'this is a bug, please report it'
  process.stderr.write(json ? asJson('Bug', `${what}: ${bug}`, null, 1) : `socsync: ${what}\n${bug}\n`)
  return 1
}

/** For a person two lines, for a program (`--json`) one object in a line, both on standard error. */
const tell = ({ name, message, hint, exitCode }: SocsyncError, json: boolean): void => {
  const [what, advice] = [message, hint].map(text => (text === null ? null : say(pastedIn(text))))
  process.stderr.write(
    json
      ? asJson(name, what ?? '', advice ?? null, exitCode)
      : fitted(`socsync: ${what}\n${advice ? `  ${advice}\n` : ''}`, process.stderr, 2),
  )
}

/** `BadInput` as `bad_input`. */
const asJson = (name: string, message: string, hint: string | null, exit: number): string => {
  const code = name.replaceAll(/(?!^)[A-Z]/g, letter => `_${letter}`).toLowerCase()
  return `${JSON.stringify({ schema: 1, code, message, hint, exit })}\n`
}

const say = (text: string): string => printable(redactor.text(text))
