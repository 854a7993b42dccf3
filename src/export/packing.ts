import { pipeline, Readable } from 'node:stream'
import { createGzip, createZstdCompress } from 'node:zlib'

/** How a file of text may be compressed; the name is that of the flag. */
export const PACKINGS = { gzip: '.gz', zstd: '.zst' } as const
export type Packing = keyof typeof PACKINGS

/** The same bytes, compressed. */
export async function* packed(
  pieces: AsyncIterable<string | Uint8Array>,
  packing: Packing,
): AsyncGenerator<Uint8Array> {
  const packer = packing === 'gzip' ? createGzip() : createZstdCompress()
  // A failure of either is thrown where the packed bytes are taken.
  pipeline(Readable.from(pieces, { objectMode: false }), packer, () => {})
  yield* packer
}

/** A file's name without the ending of a packing, and that packing; null = it has none. */
export const unpackedName = (name: string): { readonly name: string; readonly packing: Packing | null } => {
  for (const [packing, ending] of Object.entries(PACKINGS))
    if (name.toLowerCase().endsWith(ending))
      return { name: name.slice(0, -ending.length), packing: packing as Packing }
  return { name, packing: null }
}
