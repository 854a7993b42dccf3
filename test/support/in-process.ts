import pino from 'pino'
import { Redactor } from '../../src/http/redact.ts'
import { networks } from '../../src/networks/registry.ts'
import { type ServeOptions, type Serving, serve } from '../../src/server/serve.ts'
import { start, tempFolder } from './cli.ts'
import { isOnServer, placeOf } from './on-server.ts'
import { TOKEN } from './server.ts'

/** The server in this process, where a test sets what no flag does: its limits. */
export const serveHere = async (
  options: Partial<ServeOptions> & { readonly env: Readonly<Record<string, string>> },
): Promise<Serving & AsyncDisposable & { readonly db: string }> => {
  const folder = tempFolder()
  const db = folder.file('server.db')
  let stopped = false
  const serving = await serve({
    transforms: [],
    host: '127.0.0.1',
    port: 0,
    names: [],
    tlsCert: null,
    tlsKey: null,
    behindProxy: false,
    runs: 2,
    flags: { db: placeOf(db) },
    networks,
    redactor: new Redactor(),
    sandbox: null,
    version: '0.0.0',
    starter: of => ({ program: ['socsync'], db: of, config: null, sandbox: false }),
    logger: pino({ level: 'silent' }),
    ...options,
    env: { SOCSYNC_SERVE_TOKEN: TOKEN, ...options.env },
  })
  // On a server's database it only orders, and a worker does it.
  const worker = isOnServer ? start(['worker', '--db', db, '--quiet'], { env: options.env }) : null
  return {
    ...serving,
    db,
    stop: () => {
      stopped = true
      return serving.stop()
    },
    [Symbol.asyncDispose]: async () => {
      worker?.kill('SIGKILL')
      await worker?.ended
      if (!stopped) await serving.stop()
      folder[Symbol.dispose]()
    },
  }
}
