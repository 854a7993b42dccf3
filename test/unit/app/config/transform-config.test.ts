import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../../src/app/config/config.ts'
import { BadInput } from '../../../../src/core/errors.ts'
import { networks } from '../../../../src/networks/registry.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perFile } from '../../../support/fresh.ts'

const folder = perFile(tempFolder)

const load = async (transforms: unknown) => {
  const config = folder().file('socsync.json')
  await writeFile(config, JSON.stringify({ transforms }))
  return (await loadConfig({ flags: { config }, env: {}, networks })).transforms
}

const URL = 'https://models.test/a/'

test('every key is read, and what is left out has its default', async () => {
  const bare = { url: URL, elements: 'posts.caption' }
  const full = {
    url: 'http://127.0.0.1:9',
    elements: ['media.image', 'comments.content'],
    filter: { networks: ['tiktok'], kinds: ['reel', 'video'], since: '2026-01-01' },
    version: '2026-03',
    concurrency: 2,
    per_second: 0.5,
    batch: 50,
    deadline: '2d',
    timeout: '5s',
    token_variable: 'MODEL_TOKEN',
  }
  expect(await load({ bare, full })).toEqual([
    {
      transform: 'bare',
      version: '1',
      url: 'https://models.test/a',
      elements: ['posts.caption'],
      filter: { networks: null, kinds: null, since: null },
      concurrency: 4,
      perSecond: null,
      batch: null,
      deadlineMs: 604_800_000,
      timeoutMs: 30_000,
      tokenVariable: null,
    },
    {
      transform: 'full',
      version: '2026-03',
      url: 'http://127.0.0.1:9',
      elements: ['media.image', 'comments.content'],
      filter: { networks: ['tiktok'], kinds: ['reel', 'video'], since: '2026-01-01T00:00:00.000Z' },
      concurrency: 2,
      perSecond: 0.5,
      batch: 50,
      deadlineMs: 172_800_000,
      timeoutMs: 5_000,
      tokenVariable: 'MODEL_TOKEN',
    },
  ])
})

test('the example is read', async () => {
  const config = fileURLToPath(new globalThis.URL('../../../../examples/transforms.json', import.meta.url))
  const { transforms } = await loadConfig({ flags: { config }, env: {}, networks })
  expect(transforms.map(({ transform }) => transform)).toEqual(['sentiment', 'labels'])
})

describe('a mistake is named with its place and what is allowed', () => {
  test.each<[string, unknown, RegExp, RegExp | null]>([
    ['a list', [], /"transforms" in .* must be an object/, null],
    ['a name', { Labels: {} }, /the transform "Labels" in .* has a name that cannot be/, /lower-case letter/],
    ['no object', { a: 'x' }, /transforms\.a of .* must be an object/, null],
    [
      'an unknown key',
      { a: { url: URL, element: [] } },
      /"element" in transforms\.a of .* is not known/,
      /did you mean "elements"\?/,
    ],
    [
      'no address',
      { a: { elements: 'media.image' } },
      /transforms\.a of .* has no "url"/,
      /address of the service/,
    ],
    ['no elements', { a: { url: URL } }, /has no "elements"/, /posts\.caption, media\.image/],
    [
      'an element',
      { a: { url: URL, elements: ['post.caption'] } },
      /"elements" in transforms\.a .* must be one or more of/,
      /did you mean posts\.caption\?/,
    ],
    [
      'plain http',
      { a: { url: 'http://models.test', elements: 'media.image' } },
      /"url" in transforms\.a .* is http, and not on this machine/,
      null,
    ],
    [
      'a password',
      { a: { url: 'https://u:p@models.test', elements: 'media.image' } },
      /must not hold a user or password/,
      null,
    ],
    [
      'a filter key',
      { a: { url: URL, elements: 'media.image', filter: { kind: 'reel' } } },
      /"kind" in filter in transforms\.a/,
      /"kinds"/,
    ],
    [
      'a network',
      { a: { url: URL, elements: 'media.image', filter: { networks: 'tictok' } } },
      /"networks" in filter/,
      /did you mean tiktok\?/,
    ],
    [
      'a day',
      { a: { url: URL, elements: 'media.image', filter: { since: '2026-02-30' } } },
      /"since" in filter .* is no date/,
      null,
    ],
    [
      'an id for a day',
      { a: { url: URL, elements: 'media.image', filter: { since: '12345678901' } } },
      /must be a date/,
      null,
    ],
    [
      'a number of calls',
      { a: { url: URL, elements: 'media.image', concurrency: 0 } },
      /"concurrency" .* a whole number from 1 on/,
      null,
    ],
    [
      'a batch',
      { a: { url: URL, elements: 'media.image', batch: 501 } },
      /"batch" .* a whole number from 1 to 500/,
      null,
    ],
    [
      'a pace',
      { a: { url: URL, elements: 'media.image', per_second: 0 } },
      /"per_second" .* a number above 0/,
      null,
    ],
    [
      'a timeout',
      { a: { url: URL, elements: 'media.image', timeout: '30d' } },
      /"timeout" .* from 1s to 10m/,
      null,
    ],
    [
      'a deadline',
      { a: { url: URL, elements: 'media.image', deadline: '0s' } },
      /"deadline" .* from 1m to 365d/,
      null,
    ],
    [
      'a version',
      { a: { url: URL, elements: 'media.image', version: 2 } },
      /"version" .* a text of letters/,
      null,
    ],
    [
      'a token',
      { a: { url: URL, elements: 'media.image', token_variable: 'sk-canary-1' } },
      /"token_variable" .* not the token itself/,
      null,
    ],
  ])('%s', async (_, transforms, message, hint) => {
    const error: unknown = await load(transforms).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BadInput)
    const { message: said, hint: hinted } = error as BadInput
    expect(said).toMatch(message)
    if (hint !== null) expect(hinted).toMatch(hint)
    expect(`${said} ${hinted}`).not.toContain('canary')
  })
})
