import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Cursor, RawPage } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { params, type Statement, statement } from '../database/statement.ts'
import { encodeJson } from '../schema/rows.ts'
import type { RawPageTable } from '../schema/tables.ts'

/** An answer ready to be stored: hashed, compressed, without secrets. */
export interface PackedPart {
  readonly request: string
  readonly status: number
  readonly fetched_at: string
  readonly body_hash: string
  readonly body: Uint8Array
}

/** Packs the answers of a page outside of the transaction. */
export const pack = (raw: RawPage): PackedPart[] =>
  raw.parts.map(part => {
    const bytes = Buffer.from(part.text)
    return {
      request: encodeJson(part.request),
      status: part.status,
      fetched_at: part.fetchedAt,
      body_hash: createHash('sha256').update(bytes).digest('hex'),
      body: compress(bytes),
    }
  })

/**
 * Level 1, in this thread: 0.15 ms for a page of 50 kB, where the thread pool's way there and back takes 0.7 ms
 * (`npm run bench`). Told the length beforehand, zstd holds a few hundred kilobytes for it instead of megabytes.
 */
const compress = (bytes: Uint8Array): Uint8Array =>
  zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    pledgedSrcSize: bytes.byteLength,
  })

/** What a page was asked with beside its walk's own words: all that reading its answers once more needs. */
export interface StoredStep {
  readonly cursor: Cursor | null
  /** Ids of the tasks that the walk still served. */
  readonly tasks: readonly number[]
  readonly room: number | null
}

/** Stores the packed answers of one page; equal bodies are stored once. */
export const writeRaw = async (
  tx: Tx,
  walkId: number,
  seq: number,
  parts: readonly PackedPart[],
  step: StoredStep,
): Promise<void> => {
  const bodies = new Map(parts.map(({ body_hash: hash, body }) => [hash, { hash, body }]))
  tx.sendEach(insertBody, [...bodies.values()])
  const pages = parts.map(({ body: _, ...page }, part) => ({
    walk_id: walkId,
    seq,
    part,
    ...page,
    step: part === 0 ? encodeJson({ ...step }) : null,
  }))
  tx.sendEach(insertPage, pages)
}

const insertBody: Statement<{ hash: string; body: Uint8Array }> = statement(
  builder
    .insertInto('raw_bodies')
    .values(params<{ hash: string; body: Uint8Array }>(['hash', 'body']))
    .onConflict(conflict => conflict.doNothing()),
)

type NewPage = Omit<RawPageTable, 'id'>

const insertPage: Statement<NewPage> = statement(
  builder
    .insertInto('raw_pages')
    .values(
      params<NewPage>(['walk_id', 'seq', 'part', 'request', 'status', 'fetched_at', 'body_hash', 'step']),
    )
    .onConflict(conflict => conflict.doNothing()),
)
