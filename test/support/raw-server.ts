import { createServer, type Socket } from 'node:net'

/** A server that speaks whatever bytes a test wants; `speak` is called when a request's head has come. */
export const startRawServer = async (
  speak: (socket: Socket, count: number) => void,
): Promise<AsyncDisposable & { readonly origin: string; readonly requests: readonly string[] }> => {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.setEncoding('latin1')
    socket.on('data', data => {
      requests.push(String(data))
      speak(socket, requests.length)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** An answer's bytes, with its length unless `headers` speak of it. */
export const http = (
  body: string | Buffer,
  headers: Readonly<Record<string, string | number>> = {},
  status = '200 OK',
): Buffer => {
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${head.join('')}\r\n`), Buffer.from(body)])
}
