import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

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
  /** How many were cut in this way. */
  readonly cuts: number
  /** Cuts every connection that there is, on both sides. */
  reset(): void
  /** Until `open`: nobody listens, and all connections are cut. */
  refuse(): Promise<void>
  /** Until `open`: connections are made and nothing comes through; then all of it arrives, however late, as TCP has it. */
  swallow(): void
  /** From now on all that comes through is so late, ms. */
  delay(ms: number): void
  open(): Promise<void>
}

/** Stands before the server of a URL. */
export const openCutter = async (url: string): Promise<Cutter> => {
  const there = new URL(url)
  const sockets = new Set<Socket>()
  let next: { readonly text: string; readonly how: Cut } | null = null
  let cuts = 0
  let late = 0
  let swallowed = false

  /** What comes from one side, when it is to be passed on. */
  const passOn = (from: Socket, take: (bytes: Buffer) => void): void => {
    from.on('data', bytes => {
      if (late === 0) take(bytes)
      else setTimeout(take, late, bytes)
    })
    if (swallowed) from.pause()
  }
  const serve = (client: Socket): void => {
    const upstream = connect(Number(there.port), there.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    let silent = false
    let answered = true
    passOn(client, bytes => {
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
    passOn(upstream, bytes => {
      if (answered) client.write(bytes)
      else if (!silent) client.destroy()
    })
    client.on('close', () => {
      if (!silent) upstream.destroy()
    })
    upstream.on('close', () => {
      if (!silent) client.destroy()
    })
  }
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(serve).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const reset = (): void => {
    for (const socket of sockets) socket.destroy()
  }

  let server = await listen(0)
  const { port } = server.address() as { port: number }
  const through = new URL(url)
  through.port = String(port)
  through.hostname = '127.0.0.1'
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    reset()
    await once(server, 'close')
  }
  return {
    url: through.href,
    cutAt: (text, how) => {
      next = { text, how }
    },
    get cuts() {
      return cuts
    },
    reset,
    refuse: close,
    swallow: () => {
      swallowed = true
      for (const socket of sockets) socket.pause()
    },
    delay: ms => {
      late = ms
    },
    open: async () => {
      swallowed = false
      late = 0
      for (const socket of sockets) socket.resume()
      if (!server.listening) server = await listen(port)
    },
    [Symbol.asyncDispose]: close,
  }
}
