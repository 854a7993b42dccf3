import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { idOfEntity, kindOfEntity } from '../../core/entity.ts'
import { type IdInput, type ListOptions, readIds } from './ids.ts'
import { openTemporaryList, type TemporaryList } from './temporary-list.ts'

/** A list that was read to its end without a bad line, and can be read again. */
export interface ValidatedList extends AsyncDisposable {
  readonly input: IdInput
  /** Lines with an id, by network. */
  readonly counts: ReadonlyMap<string, number>
  /** The searches among them. */
  readonly searches: readonly ListedSearch[]
}

export interface ListedSearch {
  readonly network: string
  readonly name: string
}

/**
 * Reads a list to its end before anything is made of it, so that one bad line refuses all of it. What cannot be
 * read twice (stdin, a pipe) is copied to a temporary file on the way. Throws BadInput as `readIds` does.
 */
export const validateList = async (input: IdInput, options: ListOptions): Promise<ValidatedList> => {
  const readable = await onlyOnce(input)
  if (readable === null)
    return { input, ...(await count(input, options)), [Symbol.asyncDispose]: async () => {} }
  const copy = await openTemporaryList()
  try {
    const counted = await count({ stdin: Readable.from(copying(readable, copy)) }, options)
    await copy.finish()
    return { input: copy.input, ...counted, [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose]() }
  } catch (error) {
    await copy[Symbol.asyncDispose]()
    throw error
  }
}

const count = async (
  input: IdInput,
  options: ListOptions,
): Promise<Pick<ValidatedList, 'counts' | 'searches'>> => {
  const counts = new Map<string, number>()
  const searches: ListedSearch[] = []
  for await (const { network, entityId } of readIds(input, options)) {
    counts.set(network, (counts.get(network) ?? 0) + 1)
    if (kindOfEntity(entityId) === 'search') searches.push({ network, name: idOfEntity(entityId) })
  }
  return { counts, searches }
}

async function* copying(from: Readable, to: TemporaryList): AsyncGenerator<Buffer> {
  for await (const chunk of from) {
    const bytes = Buffer.from(chunk)
    await to.write(bytes)
    yield bytes
  }
}

/** The stream of a list that cannot be read twice, or null. */
const onlyOnce = async (input: IdInput): Promise<Readable | null> => {
  if ('stdin' in input) return input.stdin
  if ('args' in input) return null
  const found = await stat(input.file).catch(() => null)
  return found?.isFIFO() || found?.isCharacterDevice() || found?.isSocket()
    ? createReadStream(input.file)
    : null
}
