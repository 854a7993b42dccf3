import { statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { allDocuments, anchorsOf, proseLines, ROOT, type TextFile } from '../support/documents.ts'

interface Link {
  readonly line: number
  readonly path: string
  /** Null where the link is to the whole. */
  readonly fragment: string | null
}

/** The links of a document to files beside it, or within it; what stands in code is none. */
const linksOf = ({ text }: TextFile): readonly Link[] =>
  proseLines(text).flatMap((line, index) =>
    [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter(target => !/^[a-z]+:/.test(target))
      .map(target => {
        const [path = '', fragment] = target.split('#')
        return { line: index + 1, path: decodeURI(path), fragment: fragment ?? null }
      }),
  )

/** What of the links leads nowhere, as `file:line: what`. `read` gives a document's text, null where there is none. */
const badLinks = (document: TextFile, read: (path: string) => string | null): readonly string[] =>
  linksOf(document).flatMap(({ line, path, fragment }) => {
    const target = path === '' ? document.path : posix.join(dirname(document.path), path)
    const text = target === document.path ? document.text : read(target)
    if (text === null) return [`${document.path}:${line}: there is no ${target}`]
    if (fragment === null || anchorsOf(text).has(fragment)) return []
    return [`${document.path}:${line}: ${target} has no heading #${fragment}`]
  })

describe('every link leads to a file and a heading', () => {
  const documents = allDocuments()
  const texts = new Map(documents.map(({ path, text }) => [path, text]))
  const isFile = (path: string): boolean =>
    statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false
  const read = (path: string): string | null => texts.get(path) ?? (isFile(path) ? '' : null)

  it.each(documents.map(document => [document.path, document] as const))('%s', (_, document) => {
    expect(badLinks(document, read)).toEqual([])
  })

  it('and every document but the README and those beside it is led to', () => {
    const led = new Set(
      documents.flatMap(document =>
        linksOf(document).map(({ path }) => posix.join(dirname(document.path), path)),
      ),
    )
    const alone = documents.map(({ path }) => path).filter(path => path !== 'README.md' && !led.has(path))
    expect(alone).toEqual([])
  })
})

test('a link that leads nowhere is told by its line', () => {
  const text = [
    '# Über `db check` *(planned)*',
    '## Words, and more',
    '## Words, and more',
    '[a](#über-db-check-planned) [b](#words-and-more-1) [c](b.md#x) `[code](gone.md)`',
    '[d](../src/gone.ts) ![e](b.md#y) [f](#words) [g](https://example.org/gone#x)',
    '```',
    '# Words',
    '[h](gone.md)',
    '```',
  ].join('\n')
  const read = (path: string): string | null => (path === 'docs/b.md' ? '# X' : null)
  expect(badLinks({ path: 'docs/a.md', text }, read)).toEqual([
    'docs/a.md:5: there is no src/gone.ts',
    'docs/a.md:5: docs/b.md has no heading #y',
    'docs/a.md:5: docs/a.md has no heading #words',
  ])
})
