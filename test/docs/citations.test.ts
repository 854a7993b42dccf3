import { describe, expect, it, test } from 'vitest'
import { badCitations, badCitationsInDocuments, readCited, sectionsOf } from '../support/citations.ts'
import { filesOf } from '../support/documents.ts'

const DOCUMENTS = filesOf('docs/**/*.md')

test('every section and row that the code cites is there', () => {
  const sources = filesOf('{src,test,bin,page,examples}/**/*')
  expect(sources.length).toBeGreaterThan(100)
  expect(badCitations(sources, readCited(DOCUMENTS))).toEqual([])
})

test('every section that a document cites is there', () => {
  expect(badCitationsInDocuments(DOCUMENTS, readCited(DOCUMENTS))).toEqual([])
})

/** `¶` stands for the sign of a section, which this file may not use: it would be a citation. */
const signed = (text: string): string => text.replaceAll('¶', '\u00a7')

const CITED = readCited([
  {
    path: 'docs/house.md',
    text: [
      '# The house',
      '1. no section yet',
      '## 1. Rooms',
      '1. one',
      '2. two',
      '### 1.4 Doors',
      '## 2. Stairs',
      '### Of wood',
      '1. **Steep.** Yes.',
      '```',
      '## 7. in a block',
      '```',
      '## Without a number',
      '1. not to be cited',
      '## 3 Roof',
      '**5.** bold',
    ].join('\n'),
  },
  { path: 'docs/faults.md', text: '| # | Fault |\n|---|---|\n| 13 | a |\n| 14 | b |\n' },
])
const bad = (text: string): readonly string[] => badCitations([{ path: 'a.ts', text: signed(text) }], CITED)

test('the sections of a document are its numbered headings and what is numbered below them', () => {
  expect([...(CITED.get('docs/house.md')?.sections ?? [])].sort()).toEqual(
    ['1', '1.1', '1.2', '1.4', '2', '2.1', '3', '3.5'].sort(),
  )
  expect([...sectionsOf('## Words\n\n1. one')]).toEqual([])
})

describe('a citation that is there', () => {
  it.each([
    '/** docs/house.md ¶1.2. */',
    '// docs/house.md ¶1.4 says why',
    "it('docs/house.md ¶3: the roof')",
    '/** docs/house.md ¶1, ¶2 and ¶3 */',
    '/** docs/house.md ¶1–¶3. */',
    '/** docs/house.md ¶1 to ¶3 */',
    '/**\n * As it stands in docs/house.md\n * ¶1.4,\n * ¶2.1.\n */',
    '// docs/house.md ¶1 and\n// ¶2',
    '/** RFC 6749 ¶5.1 */',
    "describe('FAULTS 13-14: files')",
    '/** FAULTS 13, 14 */',
    '/** FAULTS rows 13 and 14 */',
    "const FAULTS: Row[] = [], five = FAULTS['5']",
  ])('%s', text => {
    expect(bad(text)).toEqual([])
  })
})

describe('a citation that is not there, with file and line', () => {
  it.each([
    ['\n/** docs/house.md ¶1.3 */', 'a.ts:2: docs/house.md has no ¶1.3'],
    ['/** docs/house.md ¶1, ¶9 and ¶2 */', 'a.ts:1: docs/house.md has no ¶9'],
    ['/** docs/house.md ¶7 */', 'a.ts:1: docs/house.md has no ¶7'],
    ['/** docs/shed.md ¶1 */', 'a.ts:1: there is no docs/shed.md'],
    ["\n\nit('FAULTS 13-15')", 'a.ts:3: docs/faults.md has no row 15'],
    ['/** ¶1 */', 'a.ts:1: names no document'],
    ['/** house.md ¶1 */', 'a.ts:1: names no document'],
    ['/** DESIGN ¶1 */', 'a.ts:1: names no document'],
    ['/** docs/house.md, ¶1 */', 'a.ts:1: names no document'],
    ['/** docs/house.md ¶1 (and also ¶2) */', 'a.ts:1: names no document'],
    ['/** the file format, ¶1.6 */', 'a.ts:1: names no document'],
    ['/** docs/house.md ¶1\n * or ¶2 */', 'a.ts:2: names no document'],
  ])('%s', (text, says) => {
    expect(bad(text)).toEqual([expect.stringContaining(signed(says))])
  })
})

describe('in a document', () => {
  const inHouse = (text: string) =>
    badCitationsInDocuments([{ path: 'docs/x/a.md', text: signed(text) }], withA)
  const withA = new Map([...CITED, ['docs/x/a.md', { sections: new Set(['4']), text: '' }] as const])

  it('a section alone is its own, one in a link that of where it leads', () => {
    expect(inHouse('as in ¶4, [house ¶1.4](../house.md#doors), `docs/house.md ¶2`, RFC 1 ¶77')).toEqual([])
    expect(inHouse('as in ¶5')).toEqual([signed('docs/x/a.md:1: docs/x/a.md has no ¶5')])
    expect(inHouse('\n[house ¶4](../house.md)')).toEqual([signed('docs/x/a.md:2: docs/house.md has no ¶4')])
    expect(inHouse('`docs/house.md ¶4`')).toEqual([signed('docs/x/a.md:1: docs/house.md has no ¶4')])
  })
})
