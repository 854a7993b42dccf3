import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SUITE } from './artefacts.ts'

const EXECUTABLE = '/usr/sbin/pgbouncer'

/** Why tests of a pool are left out, or null: there is one. */
export const noPgbouncer = existsSync(EXECUTABLE)
  ? null
  : `there is no ${EXECUTABLE}: apt-get install pgbouncer`

/**
 * Pgbouncer before the server of a URL, in transaction mode: two connections to the server, which whoever connects has for one
 * transaction at a time. It ends when it is disposed of.
 */
export const startPgbouncer = async (url: string): Promise<AsyncDisposable & { readonly url: string }> => {
  const there = new URL(url)
  const port = await freePort()
  const suite = process.env[SUITE]
  // Not in the folder of the suite: it holds the server's password.
  const folder = mkdtempSync(join(suite === undefined ? tmpdir() : dirname(suite), 'socsync-pgbouncer-'))
  const settings = join(folder, 'pgbouncer.ini')
  const database = there.pathname.slice(1)
  const password = decodeURIComponent(there.password)
  const to = `host=${there.hostname} port=${there.port} user=${there.username} password=${password}`
  writeFileSync(
    settings,
    `[databases]\n${database} = ${to}\n
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_db_connections = 2
`,
    { mode: 0o600 },
  )
  // It refuses to be root's.
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']))
    for (const path of [folder, settings]) chownSync(path, id('-u'), id('-g'))
  }
  chmodSync(folder, 0o700)
  const as = isRoot ? ['-u', 'postgres'] : []
  const child = spawn(EXECUTABLE, [...as, settings], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('process up')) resolve()
    })
    child.once('exit', () => reject(new Error(`pgbouncer does not start: ${said}`)))
  })
  const through = new URL(url)
  through.port = String(port)
  through.hostname = '127.0.0.1'
  return {
    url: through.href,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
