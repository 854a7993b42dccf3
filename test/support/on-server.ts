import { copyFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'

/**
 * With SOCSYNC_TEST_DATABASE=postgres every file that a test names is a database of a server: the binary is given its URL, and who looks into the
 * file looks into a copy of it. The same path is the same database; what a test itself has put there is copied in first.
 */
export const isOnServer = process.env.SOCSYNC_TEST_DATABASE === 'postgres'

/** What is asked of the thread that speaks to the server (`on-server-worker.ts`). */
export type Asked =
  | { readonly ask: 'place'; readonly path: string }
  | { readonly ask: 'view'; readonly path: string }
  | { readonly ask: 'put'; readonly path: string; readonly view: string }
  | { readonly ask: 'drop'; readonly folder: string }

export type Answered = { readonly text: string } | { readonly error: string }

const places = new Map<string, string>()
let worker: Worker | null = null

/** Waits for the answer: who opens a file does so, too. */
const ask = (asked: Asked): string => {
  worker ??= new Worker(new URL('./on-server-worker.ts', import.meta.url), { stdout: false })
  worker.unref()
  const { port1, port2 } = new MessageChannel()
  const flag = new Int32Array(new SharedArrayBuffer(4))
  worker.postMessage({ asked, flag, port: port2 }, [port2])
  Atomics.wait(flag, 0, 0)
  const { message } = receiveMessageOnPort(port1) as { message: Answered }
  port1.close()
  if ('error' in message) throw new Error(message.error)
  return message.text
}

/** What `--db` is given for a path. */
export const placeOf = (path: string): string => {
  if (!isOnServer || path.includes('://')) return path
  const full = resolve(path)
  let url = places.get(full)
  if (url === undefined) {
    url = ask({ ask: 'place', path: full })
    places.set(full, url)
  }
  return url
}

const isPlaced = (path: string): boolean => isOnServer && places.has(resolve(path))

/** A file that holds what the database of a path holds now. */
const viewOf = (path: string): string => (isPlaced(path) ? ask({ ask: 'view', path: resolve(path) }) : path)

export const openView = (path: string): Database.Database => new Database(viewOf(path), { readonly: true })

/** What is written is in the database when it is closed. */
export const openToChange = (path: string): Database.Database => {
  if (!isPlaced(path)) return new Database(path, { fileMustExist: true })
  const view = viewOf(path)
  const database = new Database(view)
  const close = database.close.bind(database)
  database.close = () => {
    if (database.open) {
      database.pragma('wal_checkpoint(truncate)')
      close()
      ask({ ask: 'put', path: resolve(path), view })
    }
    return database
  }
  return database
}

/** Copies a database to another path. */
export const copyDatabase = (from: string, to: string): void => {
  const view = viewOf(from)
  copyFileSync(view, to)
  if (isPlaced(to)) ask({ ask: 'put', path: resolve(to), view })
}

/** The databases of a folder go with it. */
export const dropPlaces = (folder: string): void => {
  for (const path of places.keys()) if (path.startsWith(`${folder}/`)) places.delete(path)
  if (worker !== null) ask({ ask: 'drop', folder })
}

const WITHOUT = ['sandbox', 'networks', '--help', '--version']

/** Arguments, environment and what was said, as they are between a test and the binary. */
export const between = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string | undefined,
): {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly said: (text: string) => string
} => {
  const used = new Map<string, string>()
  const place = (path: string): string => {
    const full = resolve(cwd ?? '.', path)
    const url = placeOf(full)
    const { host, pathname } = new URL(url)
    used.set(`${host}${pathname}`, full)
    return url
  }
  const named = args.map((arg, at) =>
    args[at - 1] === '--db' ? place(arg) : arg.startsWith('--db=') ? `--db=${place(arg.slice(5))}` : arg,
  )
  const isNamed = named.some((arg, at) => arg !== args[at])
  const isConfigured = args.includes('--config') || env.SOCSYNC_CONFIG !== undefined
  const isUsed = args.length > 0 && !args.some(arg => WITHOUT.includes(arg))
  const given = env.SOCSYNC_DB ?? (cwd === undefined ? undefined : './socsync.db')
  return {
    args: named,
    env:
      isNamed || isConfigured || !isUsed || given === undefined || given === ''
        ? env
        : { ...env, SOCSYNC_DB: place(given) },
    said: text => {
      let shown = text
      for (const [at, path] of used)
        shown = shown.replaceAll(new RegExp(`postgres://[^\\s@"'\`]*@${RegExp.escape(at)}`, 'g'), path)
      return shown
    },
  }
}
