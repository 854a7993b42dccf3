import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isKept, keepSaid, makeFolder, noteSecrets } from './artefacts.ts'
import { between, dropPlaces, isOnServer } from './on-server.ts'

/** The real binary: of this checkout, or of a package that was installed (`package.test.ts`). */
export const BINARY =
  process.env.SOCSYNC_TEST_BINARY ?? fileURLToPath(new URL('../../bin/socsync.js', import.meta.url))

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface SpawnOptions {
  /** On top of a bare environment: nothing of the developer's own settings or tokens comes through. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string
}

/** Runs `socsync` with these arguments in a process of its own and waits for its end. */
export const socsync = (args: readonly string[], options: SpawnOptions = {}): Promise<Ended> =>
  start(args, options).ended

export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What it has said so far. */
  stderr(): string
  stdout(): string
  kill(signal: NodeJS.Signals): void
}

/** Starts `socsync`; the caller ends it or waits for its end. */
export const start = (args: readonly string[], options: SpawnOptions = {}): Running => {
  if (!isOnServer) return startProgram(process.execPath, [BINARY, ...args], options)
  const { said, ...given } = between(args, options.env ?? {}, options.cwd)
  const running = startProgram(process.execPath, [BINARY, ...given.args], { ...options, env: given.env })
  return {
    ...running,
    stdout: () => said(running.stdout()),
    stderr: () => said(running.stderr()),
    ended: running.ended.then(ended => ({
      ...ended,
      stdout: said(ended.stdout),
      stderr: said(ended.stderr),
    })),
  }
}

const bareEnvironment = (): Record<string, string> => {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  return { PATH, HOME: tmpdir(), TMPDIR: tmpdir(), ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) }
}

/** The same of another program, which may start `socsync` in turn: a shell, a terminal. */
export const startProgram = (
  program: string,
  args: readonly string[],
  { env = {}, cwd, stdin }: SpawnOptions = {},
): Running => {
  noteSecrets(env)
  const child = spawn(program, args, {
    cwd,
    env: { ...bareEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(stdin ?? '')
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      keepSaid(stdout + stderr)
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    pid: child.pid ?? -1,
    ended,
    stderr: () => stderr,
    stdout: () => stdout,
    kill: signal => void child.kill(signal),
  }
}

/**
 * A folder of a test's own: `using folder = tempFolder()`. It is gone when the test is over, or, in a suite, when
 * that has searched it.
 */
export const tempFolder = (): Disposable & {
  readonly path: string
  file(...names: readonly string[]): string
} => {
  const path = makeFolder()
  return {
    path,
    file: (...names) => join(path, ...names),
    [Symbol.dispose]: () => {
      if (isOnServer) dropPlaces(path)
      if (!isKept) rmSync(path, { recursive: true, force: true })
    },
  }
}
