import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHttp } from '../../../src/http/client.ts'
import { Redactor } from '../../../src/http/redact.ts'
import { startRawServer } from '../../support/raw-server.ts'

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const trusted = getCACertificates()
beforeAll(() => setDefaultCACertificates([...trusted, pem('ca')]))
afterAll(() => setDefaultCACertificates(trusted))

const get = async (url: string) => {
  const client = openHttp({ redactor: new Redactor(), clock: { now: Date.now, sleep: async () => {} } })
  try {
    return await client.send({ method: 'GET', url }, new AbortController().signal)
  } finally {
    await client.close()
  }
}

const startTls = async (certificate: string) => {
  let requests = 0
  const server = createServer({ key: pem('key'), cert: pem(certificate) }, (_, response) => {
    requests += 1
    response.end('{"ok":true}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    origin: `https://localhost:${typeof address === 'object' ? address?.port : 0}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('a good certificate is good, so that the others fail for their own reason', async () => {
  await using server = await startTls('good')
  expect((await get(server.origin)).json()).toEqual({ ok: true })
})

test.each([
  ['expired', 'CERT_HAS_EXPIRED', /set the clock right/],
  ['other-host', 'ERR_TLS_CERT_ALTNAME_INVALID', /another host/],
  ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
])(
  '30 a certificate that is %s is a matter of the set-up, never tried again; nothing is sent',
  async (certificate, code, advice) => {
    await using server = await startTls(certificate)
    await expect(get(server.origin)).rejects.toMatchObject({
      fault: { kind: 'misconfigured', code, advice: expect.stringMatching(advice) },
    })
    expect(server.requests()).toBe(0)
  },
)

test('30 a port that speaks no TLS is one, too', async () => {
  await using server = await startRawServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await expect(get(server.origin.replace('http:', 'https:'))).rejects.toMatchObject({
    fault: { kind: 'misconfigured', advice: expect.stringMatching(/does not speak TLS/) },
  })
})
