import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filesOf, ROOT } from '../support/documents.ts'

const [testing] = filesOf('docs/testing.md')
/** Files and folders of tests that the document names. */
const named = new Set([...(testing?.text ?? '').matchAll(/\btest\/[\w./-]*[\w/]/g)].map(([path]) => path))

it('docs/testing.md names no suite that is none', () => {
  expect(named.size).toBeGreaterThan(30)
  expect([...named].filter(path => !existsSync(join(ROOT, path)))).toEqual([])
})

it('docs/testing.md names every suite, or its folder', () => {
  const isNamed = (path: string): boolean =>
    named.has(path) || [...named].some(name => name.endsWith('/') && path.startsWith(name))
  expect(
    filesOf('test/**/*.test.ts')
      .map(({ path }) => path)
      .filter(path => !isNamed(path)),
  ).toEqual([])
})
