import { headingOf, proseLines, type TextFile } from './documents.ts'

/*
 * Comments and titles of tests cite the documents by section:
 *
 *   docs/design.md §5.7            item 7 of the list in section 5
 *   docs/networks/tiktok.md §3.2   the heading 3.2
 *   docs/design.md §4, §6 and §8   several of one document; also `… to …` and `…–…`
 *   RFC 6749 §5.1                  a document of somebody else; no other is taken
 *   FAULTS 13-17                   rows of docs/faults.md; also `FAULTS 5, 18`, `FAULTS rows 43 to 45 and 51`
 */

const SIGN = '\u00a7'
const NUMBER = String.raw`\d+(?:\.\d+)*`
const AND = String.raw`(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s+to\s+|\s*–\s*)`
const SECTIONS = `${SIGN}${NUMBER}(?:${AND}${SIGN}${NUMBER})*`
const ROWS = String.raw`\d+(?:(?:\s*[-–]\s*|${AND})\d+)*`

const CITATION = new RegExp(String.raw`\b(docs/[\w./-]+\.md|RFC\s+\d+)\s+(${SECTIONS})`, 'g')
const ROW_CITATION = new RegExp(String.raw`\bFAULTS(?:\s+rows?)?\s+(${ROWS})`, 'g')
/** In a document: what a link to another one calls it by, and what is said of the document itself. */
const LINK = new RegExp(String.raw`\[([^\][]*${SIGN}[^\][]*)\]\(([^)#\s]+)(?:#[^)\s]*)?\)`, 'g')

const FAULTS_DOCUMENT = 'docs/faults.md'

/** The documents that may be cited, by their paths. */
export type Cited = ReadonlyMap<string, { readonly sections: ReadonlySet<string>; readonly text: string }>

export const readCited = (documents: readonly TextFile[]): Cited =>
  new Map(documents.map(({ path, text }) => [path, { sections: sectionsOf(text), text }]))

/**
 * The numbers that a document can be cited by: those of its headings (`## 5. Promises`, `### 3.2 video/query`), and of
 * what is numbered below them (`7. **Quota.** …`), as `5.7`.
 */
export const sectionsOf = (text: string): ReadonlySet<string> => {
  const sections = new Set<string>()
  let current: string | null = null
  for (const line of proseLines(text)) {
    const heading = headingOf(line)
    if (heading !== null) {
      const number = /^(\d+(?:\.\d+)*)\.?(?= )/.exec(heading.title)?.[1]
      // A heading without a number below one that has one belongs to it.
      if (number === undefined) {
        if (heading.level <= 2) current = null
        continue
      }
      current = number
      sections.add(number)
      continue
    }
    const item = /^(?:(\d+)\. |\*\*(\d+)\.?\*\*)/.exec(line)
    const number = item?.[1] ?? item?.[2]
    if (number !== undefined && current !== null) sections.add(`${current}.${number}`)
  }
  return sections
}

/** Every citation in code that leads nowhere, as `file:line: what is wrong`, in the order of the files. */
export const badCitations = (sources: readonly TextFile[], cited: Cited): readonly string[] =>
  sources.flatMap(({ path, text }) =>
    mistakesIn(withoutBreaks(text), cited).map(
      ({ at, mistake }) => `${path}:${lineAt(text, at)}: ${mistake}`,
    ),
  )

/**
 * The same of the documents: there a section alone is one of the document itself, and the text of a link names
 * sections of the document that it leads to.
 */
export const badCitationsInDocuments = (documents: readonly TextFile[], cited: Cited): readonly string[] =>
  documents.flatMap(({ path, text }) => {
    const mistakes: Mistake[] = []
    const holdAgainst = (target: string, words: string, at: number): void => {
      for (const section of numbersIn(words)) {
        if (!cited.get(target)?.sections.has(section)) mistakes.push({ at, mistake: lacks(target, section) })
      }
    }
    let rest = text.replace(CITATION, (whole, target: string, sections: string, at: number) => {
      if (target.startsWith('docs/')) holdAgainst(target, sections, at)
      return blank(whole)
    })
    rest = rest.replace(LINK, (whole, words: string, target: string, at: number) => {
      holdAgainst(new URL(target, `file:///${path}`).pathname.slice(1), words, at)
      return blank(whole)
    })
    for (const found of rest.matchAll(new RegExp(SECTIONS, 'g'))) holdAgainst(path, found[0], found.index)
    return mistakes.map(({ at, mistake }) => `${path}:${lineAt(text, at)}: ${mistake}`)
  })

interface Mistake {
  /** Index in the text. */
  readonly at: number
  readonly mistake: string
}

const mistakesIn = (text: string, cited: Cited): readonly Mistake[] => {
  const mistakes: Mistake[] = []
  const rest = text.replace(CITATION, (whole, target: string, sections: string, at: number) => {
    if (target.startsWith('RFC')) return blank(whole)
    const known = cited.get(target)
    if (known === undefined) mistakes.push({ at, mistake: `there is no ${target}` })
    else
      for (const section of numbersIn(sections)) {
        if (!known.sections.has(section)) mistakes.push({ at, mistake: lacks(target, section) })
      }
    return blank(whole)
  })
  for (const { index } of rest.matchAll(new RegExp(SIGN, 'g'))) {
    const around = text.slice(Math.max(0, index - 30), index + 10).replace(/\s+/g, ' ')
    mistakes.push({ at: index, mistake: `names no document, as docs/<path>.md ${SIGN}<number>: …${around}…` })
  }
  const faults = rowsOf(cited.get(FAULTS_DOCUMENT)?.text ?? '')
  for (const { index, 1: rows = '' } of text.matchAll(ROW_CITATION)) {
    for (const [row] of rows.matchAll(/\d+/g)) {
      if (!faults.has(row)) mistakes.push({ at: index, mistake: `${FAULTS_DOCUMENT} has no row ${row}` })
    }
  }
  return mistakes.toSorted((a, b) => a.at - b.at)
}

const rowsOf = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^\| (\d+) \|/gm)].map(([, row = '']) => row))

const numbersIn = (words: string): readonly string[] =>
  [...words.matchAll(new RegExp(`${SIGN}(${NUMBER})`, 'g'))].map(([, number = '']) => number)

const lacks = (target: string, section: string): string => `${target} has no ${SIGN}${section}`
const blank = (text: string): string => ' '.repeat(text.length)
const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length

/** A citation may go on in the next line of a comment: breaks, with the marks after them, become as many spaces. */
const withoutBreaks = (text: string): string => text.replace(/\n[ \t]*(?:\/\/|\*(?!\/)|#)?/g, blank)
