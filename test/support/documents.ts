import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A file of the repository: its path from the root, with slashes, and its text. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** The files that match, in the order of their names. */
export const filesOf = (...patterns: readonly string[]): readonly TextFile[] =>
  globSync(patterns, { cwd: ROOT, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(ROOT.length).split(sep).join('/'))
    .sort()
    .map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** Documents that are about the code: their words in code promise nothing to users. */
const ABOUT_THE_CODE =
  /^docs\/(design|faults|contributing|testing|performance|networks\/(?!README)[^/]+)\.md$/

/** All that users are told: the README first, then what it leads to. */
export const userDocuments = (): readonly TextFile[] => [
  ...filesOf('README.md'),
  ...filesOf('docs/**/*.md').filter(({ path }) => !ABOUT_THE_CODE.test(path)),
]

/** Every document whose links must lead somewhere. */
export const allDocuments = (): readonly TextFile[] =>
  filesOf('README.md', 'src/README.md', 'CHANGELOG.md', 'SECURITY.md', 'examples/README.md', 'docs/**/*.md')

export interface Heading {
  /** Number of `#`. */
  readonly level: number
  /** As it is written, without the `#`. */
  readonly title: string
}

/** The lines of a document with what stands in fenced blocks emptied, so that their numbers stay. */
export const proseLines = (text: string): readonly string[] => {
  let fenced = false
  return text.split('\n').map(line => {
    const isFence = /^\s*```/.test(line)
    if (isFence) fenced = !fenced
    return isFence || fenced ? '' : line
  })
}

/** Null where the line is no heading. */
export const headingOf = (line: string): Heading | null => {
  const [, marks, title] = /^(#{1,6}) +(.*?) *$/.exec(line) ?? []
  return marks === undefined || title === undefined ? null : { level: marks.length, title }
}

/** The fragments that GitHub gives to a document's headings: a second one of the same words ends in `-1`. */
export const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const line of proseLines(text)) {
    const heading = headingOf(line)
    if (heading === null) continue
    const slug = slugOf(heading.title)
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

const slugOf = (title: string): string =>
  title
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
