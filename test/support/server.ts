import { setTimeout as pause } from 'node:timers/promises'
import { type Ended, type Running, start, tempFolder } from './cli.ts'
import { isOnServer } from './on-server.ts'

export const TOKEN = 'a-token-of-the-tests-own-0123456789abcdef'

export interface TestServer extends AsyncDisposable {
  readonly origin: string
  readonly db: string
  readonly folder: ReturnType<typeof tempFolder>
  readonly running: Running
  /** A request with the token, unless `init` brings its own headers. */
  ask(path: string, init?: RequestInit): Promise<Response>
  get<T = Json>(path: string): Promise<T>
  post<T = Json>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: T }>
  /** The run once it has ended. */
  ended(id: string): Promise<Json>
  /** Ends the process, and gives how. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
export type Json = any

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** A folder of another server's, to go on with its database; it is not removed at the end. */
  readonly folder?: ReturnType<typeof tempFolder>
  /** Where its database is; left out = a file in the folder. */
  readonly db?: string
}

/** What a worker beside it is told likewise. */
const SHARED: readonly string[] = ['--db', '--config']

/** `socsync serve` in a process of its own, on a free port: `await using server = await startServer({ env: sandbox.env })`. */
export const startServer = async ({
  env = {},
  args = [],
  folder: given,
  db: where,
}: ServerOptions = {}): Promise<TestServer> => {
  const folder = given ?? tempFolder()
  const db = where ?? folder.file('server.db')
  const own = { SOCSYNC_SERVE_TOKEN: TOKEN, XDG_CONFIG_HOME: folder.path, ...env }
  const running = start(['serve', '--port', '0', '--db', db, '--json', ...args], { env: own })
  let over: Ended | null = null
  void running.ended.then(ended => {
    over = ended
  })
  let link: string | undefined
  while (link === undefined) {
    if (over !== null) throw new Error(`ended too early: ${JSON.stringify(over)}`)
    await pause(20)
    link = /"link":\s*"([^"]+)"/.exec(running.stdout())?.[1]
  }
  // On a server's database it only orders, and a worker does it.
  const same = args.flatMap((arg, at) => (SHARED.includes(arg) ? [arg, args[at + 1] ?? ''] : []))
  const worker = isOnServer ? start(['worker', '--db', db, '--quiet', ...same], { env: own }) : null
  const origin = link.replace(/\/(#.*)?$/, '')
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(origin + path, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } })
  const get = async <T>(path: string): Promise<T> => {
    const response = await ask(path)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  return {
    origin,
    db,
    folder,
    running,
    ask,
    get,
    post: async <T>(path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await ask(path, {
        method: 'POST',
        ...(body === undefined
          ? { headers }
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
      })
      return { status: response.status, body: (await response.json()) as T }
    },
    ended: async id => {
      for (;;) {
        const run = await get<Json>(`/v1/runs/${id}`)
        if (run.state === 'ended') return run
        await pause(50)
      }
    },
    end: signal => {
      running.kill(signal)
      return running.ended
    },
    [Symbol.asyncDispose]: async () => {
      worker?.kill('SIGKILL')
      running.kill('SIGKILL')
      await Promise.all([running.ended, worker?.ended])
      if (given === undefined) folder[Symbol.dispose]()
    },
  }
}
