import { createRequire } from 'node:module'

/** The folder of this package: sources and what is built of them lie two below it alike. */
export const PACKAGE = new URL('../../', import.meta.url)

export const { version } = createRequire(import.meta.url)('../../package.json') as {
  readonly version: string
}
