import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions, zstdDecompress } from 'node:zlib'
import { FaultError } from '../core/fault.ts'

/** The encodings that {@link unpack} takes, as `accept-encoding` says them. */
export const ENCODINGS = 'gzip, deflate, br, zstd'

type Unpack = (packed: Buffer, options: ZlibOptions) => Promise<Buffer>
const unzip = promisify(gunzip) as Unpack
const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: unzip,
  'x-gzip': unzip,
  deflate: (packed, options) =>
    // Some servers leave the zlib header out.
    ((packed[0] ?? 0) & 0x0f) === 8
      ? promisify(inflate)(packed, options)
      : promisify(inflateRaw)(packed, options),
  br: promisify(brotliDecompress) as Unpack,
  zstd: promisify(zstdDecompress) as Unpack,
}

/** Each piece goes through the thread pool by itself, so a whole answer of the usual kind is one; bytes. */
const USUAL_RATIO = 16
const LEAST_AT_ONCE = 16 * 1024
const MOST_AT_ONCE = 1024 * 1024

/**
 * A body without its content-encoding, at most `maxBytes` of it. Throws a {@link FaultError}: `too-large` and an unknown
 * encoding are unreadable; a stream that is cut or broken is transient.
 */
export const unpack = async (packed: Buffer, encoding: string, maxBytes: number): Promise<Buffer> => {
  let body = packed
  // The last one named was put on last.
  for (const name of encoding.toLowerCase().split(',').reverse()) {
    const layer = name.trim()
    if (layer === '' || layer === 'identity' || body.length === 0) continue
    const decode = UNPACK[layer]
    if (!decode)
      throw new FaultError({ kind: 'unreadable', code: 'encoding' }, `Unknown content-encoding "${layer}".`)
    const chunkSize = Math.min(maxBytes, MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, body.length * USUAL_RATIO))
    body = await decode(body, { maxOutputLength: maxBytes, chunkSize }).catch(cause => {
      throw broken(cause, maxBytes)
    })
  }
  return body
}

/** More than `maxBytes` came. */
export const tooLarge = (maxBytes: number): FaultError =>
  new FaultError({ kind: 'unreadable', code: 'too-large' }, `The answer is larger than ${maxBytes} bytes.`)

const broken = (cause: NodeJS.ErrnoException, maxBytes: number): FaultError => {
  if (cause.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(maxBytes)
  const isCut = /unexpected end/i.test(cause.message)
  const code = isCut ? 'truncated' : (cause.code ?? 'encoding')
  return new FaultError(
    { kind: 'transient', code },
    `The compressed answer is ${isCut ? 'cut' : 'broken'}.`,
    { cause },
  )
}
