import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { openRead } from './tables.ts'

/** A text within a file: `posts.caption`, or where its bytes are. */
export type Text = readonly [place: string, text: string]

const CHUNK = 8 * 2 ** 20

/** All that a file holds, as texts: its bytes, and what is packed in them. Texts of bytes overlap by so many. */
export function* textsOf(path: string, overlap: number): Generator<Text> {
  const head = yield* bytesOf(path, overlap)
  if (head.startsWith('SQLite format 3\0')) yield* cellsOf(path)
  if (head.startsWith('\x1f\x8b') || head.startsWith(ZSTD)) yield ['unpacked', unpacked(readFileSync(path))]
}

/** Byte for byte, a character each. Gives the first ones. */
function* bytesOf(path: string, overlap: number): Generator<Text, string> {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(CHUNK)
  try {
    let head = ''
    let kept = 0
    for (let at = 0; ; ) {
      const read = readSync(file, buffer, kept, CHUNK - kept, at)
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
 * All texts that a database holds, bodies unpacked: a row's value may lie in pieces all over the bytes. Ends where
 * the database cannot be read: some are spoilt on purpose.
 */
export function* cellsOf(path: string): Generator<Text> {
  let db: ReturnType<typeof openRead> | null = null
  try {
    db = openRead(path)
    const tables = db.prepare("select name from sqlite_schema where type = 'table'").pluck().all() as string[]
    for (const table of tables) {
      const rows = db.prepare(`select * from "${table}"`).iterate() as Iterable<Record<string, unknown>>
      for (const row of rows) {
        for (const [column, value] of Object.entries(row)) {
          const text = Buffer.isBuffer(value) ? unpacked(value) : typeof value === 'string' ? value : ''
          if (text !== '') yield [`${table}.${column}`, text]
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
