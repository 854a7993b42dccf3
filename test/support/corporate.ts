import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url))
const pem = (name: string): string => readFileSync(fixture(name), 'utf8')

/** The file of the authority that signed the certificate of {@link HOST}: for NODE_EXTRA_CA_CERTS. */
export const AUTHORITY = fixture('ca')
/** A name that no DNS knows: whoever reaches it went by the proxy. */
export const HOST = 'other.test'

/** A network as companies have them: names that only the proxy knows, and certificates of an authority of their own. */
export interface CorporateNetwork extends AsyncDisposable {
  /** `http://127.0.0.1:3128` */
  readonly proxy: string
  /** What the proxy was asked to open, `other.test:443`, with the credentials that were sent: `user:password`. */
  readonly tunnels: readonly { readonly to: string; readonly as: string | null }[]
  /** An address of a sandbox as it is seen from inside: `https://other.test/…`. */
  seen(address: string): string
  /** Variables of a sandbox with the addresses as seen from inside. */
  environment(of: Readonly<Record<string, string>>): Record<string, string>
}

/**
 * A CONNECT proxy that leads {@link HOST} to the sandbox at `target`, by TLS. `answer` gives what the proxy says in place
 * of 200, by what it was sent as credentials.
 */
export const startCorporateNetwork = async (
  target: string,
  answer: (as: string | null) => number = () => 200,
): Promise<CorporateNetwork> => {
  const { port: targetPort } = new URL(target)
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
  }
  const join = (one: Socket, other: Socket): void => {
    keep(one)
    keep(other)
    one.pipe(other).pipe(one)
    one.on('close', () => other.destroy())
    other.on('close', () => one.destroy())
  }

  const behind = createTlsServer({ key: pem('key'), cert: pem('other-host') }, socket =>
    join(socket, connect(Number(targetPort), '127.0.0.1')),
  )
  const behindPort = await listen(behind)

  const tunnels: { to: string; as: string | null }[] = []
  const proxy = createServer((_, response) => response.writeHead(405).end())
  proxy.on('connect', (request, socket: Socket) => {
    const sent = /^Basic (.+)$/.exec(request.headers['proxy-authorization'] ?? '')?.[1]
    const as = sent === undefined ? null : Buffer.from(sent, 'base64').toString()
    const to = request.url ?? ''
    tunnels.push({ to, as })
    const status = to.startsWith(`${HOST}:`) ? answer(as) : 502
    keep(socket)
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    join(socket, connect(behindPort, '127.0.0.1'))
  })
  const proxyPort = await listen(proxy)

  const seen = (address: string): string => address.replace(target, `https://${HOST}`)
  return {
    proxy: `http://127.0.0.1:${proxyPort}`,
    tunnels,
    seen,
    environment: of => Object.fromEntries(Object.entries(of).map(([name, value]) => [name, seen(value)])),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      for (const server of [behind, proxy]) {
        server.close()
        await once(server, 'close')
      }
    },
  }
}

const listen = async (server: Server | NetServer): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
