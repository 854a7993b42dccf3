import { expect, test } from 'vitest'
import { Redactor } from '../../../src/http/redact.ts'

const SECRET = 'act.q1!W/e+r=t|y#u"i\\o&p'
const FORMS: Readonly<Record<string, string>> = {
  'as it is': SECRET,
  'percent-encoded': encodeURIComponent(SECRET),
  'percent-encoded in lower case': encodeURIComponent(SECRET).replaceAll(/%../g, code => code.toLowerCase()),
  'percent-encoded twice': encodeURIComponent(encodeURIComponent(SECRET)),
  'in a form': new URLSearchParams({ t: SECRET }).toString().slice(2),
  'in JSON': JSON.stringify(SECRET).slice(1, -1),
  'in JSON in JSON': JSON.stringify(JSON.stringify(SECRET)).slice(3, -3),
  'in JSON as PHP writes it': JSON.stringify(SECRET)
    .slice(1, -1)
    .replaceAll('/', '\\/')
    .replaceAll('|', '\\u007C'),
}

test.each(Object.entries(FORMS))('a known secret %s is replaced, and nothing else', (_, form) => {
  const redactor = new Redactor([SECRET])
  expect(redactor.values(`caption ${form} key=value`)).toBe('caption *** key=value')
})

test.each(['base64', 'base64url'] as const)('in %s too, wherever it begins in what was encoded', alphabet => {
  const redactor = new Redactor([SECRET])
  for (const before of ['', 'a', 'ab', 'id:']) {
    const encode = (text: string): string => Buffer.from(`${before}${text}:after`).toString(alphabet)
    const found = encode(SECRET)
    for (const form of [found, encodeURIComponent(found), JSON.stringify(found).replaceAll('/', '\\/')]) {
      const clean = redactor.values(form)
      expect(clean).toMatch(/^"?[\w+/%-]{0,6}\*\*\*/)
      expect(Buffer.from(clean.replaceAll('*', ''), 'base64').toString('latin1')).not.toMatch(
        /q1|W.e|r=t|u"i/,
      )
    }
    const harmless = encode(SECRET.replace('q', 'Q'))
    expect(redactor.values(harmless)).toBe(harmless)
  }
})

test('of two secrets of which one begins with the other, neither leaves a rest', () => {
  const redactor = new Redactor(['abcdef'])
  redactor.add('abcdef-ghijkl')
  expect(redactor.values('abcdef-ghijkl abcdef')).toBe('*** ***')
})

test('a secret of fewer than six characters is not looked for in ordinary words', () => {
  expect(new Redactor(['12345', '']).values('12345 words')).toBe('12345 words')
})

test.each([
  [
    'https://x.test/a?fields=id&access_token=S3CRET1&after=Q',
    'https://x.test/a?fields=id&access_token=***&after=Q',
  ],
  ['https://x.test/a?key=S3CRET1#f', 'https://x.test/a?key=***#f'],
  ['client_secret=S3CRET1%2B&refresh_token=S3CRET2', 'client_secret=***&refresh_token=***'],
  [
    '/x?next=https%3A%2F%2Fx%3Faccess_token%3DS3CRET1%26after%3DQ',
    '/x?next=https%3A%2F%2Fx%3Faccess_token%3D***%26after%3DQ',
  ],
  ['{"access_token":"S3CRET1","expires_in":5}', '{"access_token":"***","expires_in":5}'],
  ['{"text":"{\\"refresh_token\\": \\"S3CRET1\\"}"}', '{"text":"{\\"refresh_token\\": \\"***\\"}"}'],
  ['{"access_token":"S3CRET1', '{"access_token":"***'],
  ["{ authorization: 'Bearer S3CRET1' }", "{ authorization: 'Bearer ***' }"],
  ['Authorization: OAuth S3CRET1\nHost: x', 'Authorization: OAuth ***\nHost: x'],
  ['sent Bearer S3CRET1/x=', 'sent Bearer ***'],
  ['appsecret_proof=S3CRET1 in it', 'appsecret_proof=*** in it'],
  ['postgres://me:S3CRET1@db.test/x', 'postgres://me:***@db.test/x'],
  [
    'Bearer authentication, monkey=banana, "key": "x", 12:30',
    'Bearer authentication, monkey=banana, "key": "x", 12:30',
  ],
])('%s', (text, clean) => {
  expect(new Redactor().text(text)).toBe(clean)
})

test('what a request carries by name is known afterwards by value', () => {
  const redactor = new Redactor()
  redactor.learnForm(
    'https://x.test/?fields=id&access_token=S3CRET%2F1&appsecret_proof=abcdef0123&hockey=public1',
  )
  redactor.learnHeaders({ Authorization: 'Bearer S3CRET-2', accept: 'application/json' })
  redactor.learnJson('{"access_token": "S3CRET-3", "open_id": "public1"}')
  expect(redactor.values('S3CRET/1 S3CRET%2F1 abcdef0123 S3CRET-2 S3CRET-3 public1 application/json')).toBe(
    '*** *** *** *** *** public1 application/json',
  )
})

test('an error is copied without secrets: message, stack and causes, in a circle too', () => {
  const redactor = new Redactor(['S3CRET1'])
  const root = Object.assign(new TypeError('root S3CRET1'), { code: 'ECONNRESET', input: 'S3CRET1' })
  const error = new Error('https://x/?key=S3CRET2', { cause: root })
  root.cause = error
  const copy = redactor.error(error)
  expect(copy.message).toBe('https://x/?key=***')
  expect(copy.cause).toMatchObject({ name: 'TypeError', message: 'root ***', code: 'ECONNRESET' })
  for (let at: unknown = copy; at instanceof Error; at = at.cause) {
    expect(at.stack).toContain('redact.test')
    expect(`${at.stack}${at.message}${JSON.stringify(at)}`).not.toContain('S3CRET')
  }
  expect(redactor.error('S3CRET1 thrown').message).toBe('*** thrown')
})
