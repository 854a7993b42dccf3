import type { Readable } from 'node:stream'
import type { EntityKind } from '../../core/entity.ts'
import { BadInput } from '../../core/errors.ts'
import type { Queries } from '../../core/params.ts'
import { openBadLines } from './bad-lines.ts'
import { type LineSource, openFile, readLines } from './lines.ts'
import { type IdNetwork, type LineReading, nameOf, networkCalled } from './named-line.ts'

export type IdInput =
  /** `name` is what messages call it, where that is not its path. */
  | { readonly file: string; readonly name?: string | undefined }
  | { readonly stdin: Readable }
  | { readonly args: readonly string[] }

/** How the lines of a list are read. */
export interface ListOptions {
  /** The network of all lines; null = each says its own. */
  readonly network: string | null
  readonly networks: readonly IdNetwork[]
  /** What ids point at that do not say it by themselves; left out = profiles. */
  readonly as?: EntityKind
  /** What the searches that it may name ask for; left out = that is not looked at. */
  readonly queries?: Queries
}

/** One id of a list: where it stands, as it was written, and what it names. */
export interface IdLine {
  /** Counted from 1, blank lines and comments included; the argument's position where ids are arguments. */
  readonly line: number
  readonly text: string
  readonly network: string
  readonly entityId: string
}

/**
 * The ids of a list, one by one, in constant memory. Blank lines, `#` comments (a whole line, or after white
 * space), CRLF and a byte-order mark are fine; duplicates are left in. Without `network` each line says its own,
 * by prefix (`youtube:@x`) or address; with it, a line that says another is refused. Throws BadInput at the end of a
 * list with lines that name nothing, by their places, or that mostly look like something else; and where there is no id at all.
 */
export async function* readIds(
  input: IdInput,
  { network, networks, as = 'profile', queries }: ListOptions,
): AsyncGenerator<IdLine> {
  const chosen = network === null ? null : networkCalled(network, networks, () => '--network')
  const reading: LineReading = { chosen, networks, as, ...(queries !== undefined && { queries }) }
  const source = sourceOf(input)
  const bad = openBadLines(source.name)
  let line = 0
  for await (const lines of source.batches) {
    for (const raw of lines) {
      line += 1
      const text = raw.replace(COMMENT, '').trim()
      if (text === '') continue
      const number = line
      const named = nameOf(text, () => source.place(number), reading)
      if (named instanceof BadInput) bad.add(named)
      else {
        bad.pass(named)
        yield { line, text, network: named.network.name, entityId: named.entityId }
      }
    }
  }
  const refusal = bad.refusal()
  if (refusal !== null) throw refusal
  if (bad.lines() === 0) throw new BadInput(`${source.name} holds no id`, { hint: formsOf(chosen, networks) })
}

interface Batches {
  readonly name: string
  readonly batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>
  place(line: number): string
}

const sourceOf = (input: IdInput): Batches => {
  if ('args' in input) {
    return { name: 'the list of ids', batches: [input.args], place: line => `argument ${line}` }
  }
  const source: LineSource =
    'file' in input ? openFile(input.file, input.name) : { name: 'standard input', readable: input.stdin }
  return { name: source.name, batches: readLines(source), place: line => `${source.name}, line ${line}` }
}

const COMMENT = /(^|\s)#.*$/s

const formsOf = (chosen: IdNetwork | null, networks: readonly IdNetwork[]): string =>
  (chosen === null ? networks : [chosen]).map(({ name, idForms }) => `${name}: ${idForms}`).join('; ')
