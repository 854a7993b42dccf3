import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a connection when a text comes through it. */
export type Cut =
  /** It is cut on both sides, and the text does not arrive. */
  | 'before'
  /** The text arrives, and the answer does not. */
  | 'after'
  /** The text does not arrive, and the server is not told that the other side is gone. */
  | 'silent'
  /** Nothing comes through any more, and neither side is told. */
  | 'frozen'

/** A way to a server that can be cut. */
export interface Cutter extends AsyncDisposable {
  readonly url: string
  /** The next connection through which this text comes is cut, once. */
  cutAt(text: string, how: Cut): void
  /** How many were cut. */
  readonly cuts: number
}

/** Stands before the server of a URL. */
export const openCutter = async (url: string): Promise<Cutter> => {
  const there = new URL(url)
  const sockets = new Set<Socket>()
  let next: { readonly text: string; readonly how: Cut } | null = null
  let cuts = 0
  const server = createServer(client => {
    const upstream = connect(Number(there.port), there.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    let silent = false
    let answered = true
    client.on('data', bytes => {
      if (next !== null && bytes.includes(next.text)) {
        const { how } = next
        next = null
        cuts++
        answered = false
        if (how === 'after') upstream.write(bytes)
        else {
          silent = how !== 'before'
          if (how !== 'frozen') client.destroy()
        }
        return
      }
      if (!silent) upstream.write(bytes)
    })
    upstream.on('data', bytes => {
      if (answered) client.write(bytes)
      else if (!silent) client.destroy()
    })
    client.on('close', () => {
      if (!silent) upstream.destroy()
    })
    upstream.on('close', () => {
      if (!silent) client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.port = String((server.address() as { port: number }).port)
  through.hostname = '127.0.0.1'
  return {
    url: through.href,
    cutAt: (text, how) => {
      next = { text, how }
    },
    get cuts() {
      return cuts
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
