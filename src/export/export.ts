import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FORMATS, type Format, type FormatName, type FormatOptions } from './formats.ts'
import { PACKINGS, type Packing, packed } from './packing.ts'
import { safeName } from './safe-name.ts'
import { singer } from './singer.ts'
import type { Row, Table } from './table.ts'
import { alreadyThere, openTarget, type TargetOptions, type Written, writeAll } from './target.ts'
import { beginFile, translateFileError } from './whole-file.ts'

export interface ExportOptions extends FormatOptions, TargetOptions {
  readonly format: FormatName
  /** Null, or left out = files are as the format has them. */
  readonly packing?: Packing | null
}

export interface Exported extends Written {
  readonly rows: number
}

/** Writes one table to a file, or to standard output where `out` is null, in constant memory. */
export const exportTable = async (
  table: Table,
  out: string | null,
  options: ExportOptions,
): Promise<Exported> => {
  const { counted, taken } = rowCounter()
  const write: Format = await FORMATS[options.format]()
  const written = await writePieces(write(counted(table), options), out, options)
  return { ...written, rows: taken() }
}

/** Writes tables one after another as messages of Singer, to one file or to standard output, in constant memory. */
export const exportMessages = async (
  tables: readonly Table[],
  out: string | null,
  options: ExportOptions,
): Promise<Exported> => {
  const { counted, taken } = rowCounter()
  const written = await writePieces(singer(tables.map(counted)), out, options)
  return { ...written, rows: taken() }
}

const writePieces = async (
  pieces: AsyncIterable<string | Uint8Array>,
  out: string | null,
  options: ExportOptions,
): Promise<Written> => {
  await using target = await openTarget(out, options)
  return await writeAll(options.packing ? packed(pieces, options.packing) : pieces, target)
}

/** Counts the rows that are taken from tables. */
const rowCounter = (): { counted(table: Table): Table; taken(): number } => {
  let rows = 0
  const each = async function* (of: Table['rows']): AsyncGenerator<Row> {
    for await (const row of of) {
      rows += 1
      yield row
    }
  }
  return { counted: table => ({ ...table, rows: each(table.rows) }), taken: () => rows }
}

/** What lies beside the files of a whole export: how they were made, and what shows that they are whole. */
export interface Manifest {
  readonly schema: 1
  /** The version of socsync. */
  readonly version: string
  readonly exported_at: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** Whose ids and names are replaced; left out = nobody's. */
  readonly pseudonymised?: 'authors' | 'all'
  readonly files: readonly {
    readonly name: string
    readonly rows: number
    readonly bytes: number
    readonly sha256: string
  }[]
  /** What describes them, where something does. */
  readonly documents?: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
}

/** Files that describe the tables: they are written after them, from what they turned out to be. */
export interface Documents {
  readonly names: readonly string[]
  write(files: Manifest['files']): Promise<readonly { readonly name: string; readonly text: string }[]>
}

/**
 * Writes each table to a file of its own in a folder, which is made where it is missing, and `manifest.json` last:
 * where that stands, all the others are whole and belong to it. Existing files need `force`, else nothing is written.
 */
export const exportAll = async (
  tables: readonly Table[],
  folder: string,
  about: Pick<Manifest, 'version' | 'exported_at' | 'parameters' | 'pseudonymised'>,
  options: ExportOptions,
  documents: Documents | null = null,
): Promise<Manifest> => {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) =>
    translateFileError(cause, folder),
  )
  const manifestPath = join(folder, 'manifest.json')
  const ending = `.${options.format}${options.packing ? PACKINGS[options.packing] : ''}`
  const named = tables.map(table => ({ table, name: `${safeName(table.name)}${ending}` }))
  const names = [...named.map(({ name }) => name), ...(documents?.names ?? [])]
  for (const path of [manifestPath, ...names.map(name => join(folder, name))]) {
    if (!options.force && existsSync(path)) throw alreadyThere(path)
  }
  // An old one must not vouch for new files.
  await rm(manifestPath, { force: true })
  const files: Manifest['files'][number][] = []
  for (const { table, name } of named) {
    const { rows, bytes, sha256 } = await exportTable(table, join(folder, name), options)
    files.push({ name, rows, bytes, sha256 })
  }
  const beside: NonNullable<Manifest['documents']>[number][] = []
  for (const { name, text } of (await documents?.write(files)) ?? []) {
    await using target = await openTarget(join(folder, name), options)
    const { bytes, sha256 } = await writeAll(piecesOf(text), target)
    beside.push({ name, bytes, sha256 })
  }
  const manifest: Manifest = { schema: 1, ...about, files, ...(documents && { documents: beside }) }
  await using file = await beginFile(manifestPath)
  await file.write(`${JSON.stringify(manifest, null, 2)}\n`)
  await file.commit()
  return manifest
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  yield text
}
