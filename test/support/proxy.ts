import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A server between socsync and a sandbox that changes the texts of answers, or keeps them for a while: `edit` is told
 * the path. What it gives to
 * `environment` in the place of the sandbox's addresses are its own.
 */
export const startProxy = async (
  target: string,
  edit: (text: string, path: string) => string | Promise<string>,
): Promise<
  AsyncDisposable & { environment(of: Readonly<Record<string, string>>): Record<string, string> }
> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = request.url ?? '/'
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(target + path, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    const kept = [...answer.headers].filter(([name]) => !/^(content-|transfer-|connection|keep-)/.test(name))
    response.writeHead(answer.status, {
      ...Object.fromEntries(kept),
      'content-type': answer.headers.get('content-type') ?? 'application/json',
    })
    response.end(await edit(await answer.text(), path))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    environment: of =>
      Object.fromEntries(
        Object.entries(of).map(([name, value]) => [
          name,
          name.endsWith('_BASE_URL') ? value.replace(target, origin) : value,
        ]),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
