import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { openRead } from './tables.ts'

/** A text within a file: `posts.caption`, or where its bytes are. */
export type Text = readonly [place: string, text: string]

const CHUNK = 8 * 2 ** 20
/** Rows of fewer bytes lie in one piece among the bytes of a database of SQLite's usual pages. */
const IN_PIECES = 900

/** All that a file holds, as texts: its bytes, and what is packed in them. Texts of bytes overlap by so many. */
export function* textsOf(path: string, overlap: number): Generator<Text> {
  const head = yield* bytesOf(path, overlap)
  if (head.startsWith('SQLite format 3\0')) yield* cellsOf(path, IN_PIECES)
  if (head.startsWith('\x1f\x8b') || head.startsWith(ZSTD)) yield ['unpacked', unpacked(readFileSync(path))]
}

/** Byte for byte, a character each. Gives the first ones. */
function* bytesOf(path: string, overlap: number): Generator<Text, string> {
  const file = openSync(path, 'r')
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, fstatSync(file).size + 1))
  try {
    let head = ''
    let kept = 0
    for (let at = 0; ; ) {
      const read = readSync(file, buffer, kept, buffer.length - kept, at)
      if (read === 0) return head
      const text = buffer.toString('latin1', 0, kept + read)
      if (at === 0) head = text.slice(0, 16)
      yield [`its bytes from ${at - kept} on`, text]
      at += read
      const rest = Math.min(overlap, kept + read)
      buffer.copy(buffer, 0, kept + read - rest, kept + read)
      kept = rest
    }
  } finally {
    closeSync(file)
  }
}

/**
 * The texts in a database's rows, bodies unpacked: they may lie in pieces all over its bytes. Rows without bodies
 * and with fewer bytes than `least` are left out. Ends where the database cannot be read: some are spoilt on
 * purpose.
 */
export function* cellsOf(path: string, least = 0): Generator<Text> {
  let db: ReturnType<typeof openRead> | null = null
  try {
    db = openRead(path)
    const tables = db.prepare("select name from sqlite_schema where type = 'table'").pluck().all() as string[]
    for (const table of tables) {
      const columns = (db.pragma(`table_info("${table}")`) as { name: string }[]).map(({ name }) => name)
      const size = columns.map(name => `coalesce(octet_length("${name}"), 0)`).join(' + ')
      const packed = columns.map(name => `typeof("${name}") = 'blob'`).join(' or ')
      const rows = db.prepare(`select * from "${table}" where ${size} >= ? or ${packed}`).raw().iterate(least)
      for (const row of rows as Iterable<unknown[]>) {
        for (const [index, value] of row.entries()) {
          const text = Buffer.isBuffer(value) ? unpacked(value) : typeof value === 'string' ? value : ''
          if (text !== '') yield [`${table}.${columns[index]}`, text]
        }
      }
    }
  } catch (error) {
    if (!/^SQLITE_/.test(String(Object(error).code))) throw error
  } finally {
    db?.close()
  }
}

const ZSTD = '\x28\xb5\x2f\xfd'

const unpacked = (bytes: Buffer): string => {
  const head = bytes.toString('latin1', 0, 4)
  try {
    if (head === ZSTD) return zstdDecompressSync(bytes).toString('latin1')
    if (head.startsWith('\x1f\x8b')) return gunzipSync(bytes).toString('latin1')
  } catch {
    // Cut off, or only seems to be packed: its bytes are all there is.
  }
  return bytes.toString('latin1')
}
