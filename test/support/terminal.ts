import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { keepSaid, makeFolder, noteSecrets } from './artefacts.ts'
import { BINARY } from './cli.ts'

/** Part of the system where there is one, and no package's. */
const SCRIPT = 'script'

/** Why no terminal can be had here; null = one can. It is that of util-linux's `script`, whose flags others do not know. */
export const noTerminal = ((): string | null => {
  const found = spawnSync(SCRIPT, ['-qec', 'stty size', '/dev/null'], { encoding: 'utf8' })
  return found.status === 0 ? null : 'there is no util-linux `script` here, and so no terminal to try it on'
})()

/** `socsync` on a terminal. */
export interface OnTerminal {
  /** All that it wrote. */
  output(): string
  /** The lines of that, without colours. */
  lines(): readonly string[]
  /** What was drawn in place of what stood there, each time: the lines without their colours. */
  frames(): readonly (readonly string[])[]
  type(keys: string): void
  resize(columns: number): void
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

/** Starts it on a terminal that is so wide; `--db` and others are given in `args`. */
export const startOnTerminal = (
  args: readonly string[],
  { columns, env = {} }: { readonly columns: number; readonly env?: Readonly<Record<string, string>> },
): OnTerminal => {
  noteSecrets(env)
  const widths = join(makeFolder(), 'columns')
  const quoted = [process.execPath, BINARY, ...args].map(word => `'${word}'`).join(' ')
  // The shell beside it is in the same group of processes: what it sets, the terminal tells both.
  const beside = `(while kill -0 $$ 2>/dev/null; do if [ -e '${widths}' ]; then stty cols $(cat '${widths}'); rm '${widths}'; fi; sleep 0.1; done) </dev/tty &`
  const command = `stty rows 40 cols ${columns}; ${beside} exec ${quoted}`
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
    env: {
      PATH,
      HOME: tmpdir(),
      TMPDIR: tmpdir(),
      TERM: 'xterm',
      SHELL: '/bin/sh',
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stdin.on('error', () => {})
  return {
    output: () => output,
    lines: () => stripVTControlCharacters(output).split(/\r?\n/),
    frames: () =>
      output.split(/\u001b\[\d+A\r\u001b\[J/).map(frame => stripVTControlCharacters(frame).split(/\r?\n/)),
    type: keys => void child.stdin.write(keys),
    resize: width => writeFileSync(widths, String(width)),
    ended: once(child, 'close').then(([code]) => {
      keepSaid(output)
      return code as number | null
    }),
  }
}
