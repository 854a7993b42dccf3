import { readMoment } from '../app/config/bounds.ts'
import { oneOf } from '../app/config/one-of.ts'
import { quote } from '../app/config/quote.ts'
import type { Settings } from '../app/config/settings.ts'
import { type PseudonymsRequest, WHOM } from '../app/privacy/cover.ts'
import { keyMadeText } from '../app/privacy/key.ts'
import { BadInput } from '../core/errors.ts'
import type { Instant } from '../core/instant.ts'
import type { ExportOptions } from '../export/export.ts'
import { BINARY, FORMATS, type FormatName } from '../export/formats.ts'
import { PACKINGS, type Packing, unpackedName } from '../export/packing.ts'
import { networks } from '../networks/registry.ts'

/** Flags as commander gives them: text, true, or not there. */
export type Flags = Readonly<Record<string, unknown>>

export const textFlag = (flags: Flags, name: string): string | null => {
  const value = flags[name]
  return typeof value === 'string' ? value : null
}

export const isOn = (flags: Flags, name: string): boolean => flags[name] === true

/** Words separated by commas, or null where the flag is not given. */
export const listFlag = (flags: Flags, name: string): readonly string[] | null =>
  textFlag(flags, name)
    ?.split(',')
    .map(word => word.trim()) ?? null

/** A whole number from 1 on, or null where the flag is not given. */
export const idFlag = (flags: Flags, name: string): number | null => {
  const text = textFlag(flags, name)
  return text === null ? null : idOf(text, `--${name}`)
}

/** A port, 0 = any that is free. */
export const portFlag = (flags: Flags, usual: number): number => {
  const port = Number(textFlag(flags, 'port') ?? usual)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new BadInput('--port must be a number from 0 to 65535')
}

export const idOf = (text: string, place: string): number => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new BadInput(`${place} must be a whole number from 1 on, got "${text.slice(0, 60)}"`)
}

/** A moment in the past, or null where the flag is not given. */
export const momentFlag = (flags: Flags, name: string): Instant | null => {
  const text = textFlag(flags, name)
  return text === null ? null : readMoment(text, `--${name}`, Date.now())
}

/** Where rows go: a file or folder; null = standard output, which `-` names too. */
export const outFlag = (flags: Flags): string | null => {
  const out = textFlag(flags, 'out')
  if (out === '') throw new BadInput('--out is empty', { hint: 'name a file, or leave it out' })
  return out === '-' ? null : out
}

/** How rows are written: as `--format` says, else as the end of the file's name does. */
export const writingFlags = (
  flags: Flags,
  usual: FormatName,
  formats: readonly FormatName[] = Object.keys(FORMATS) as FormatName[],
): ExportOptions => {
  const format = formatFlag(flags, formats, usual)
  const excel = isOn(flags, 'excel')
  if (excel && format !== 'csv')
    throw new BadInput('--excel is about CSV', { hint: `leave out --excel or --format ${format}` })
  const packing = packingFlag(flags)
  if (BINARY.has(format) && packing !== null)
    throw new BadInput(`${format} is compressed by itself`, { hint: `leave ${packing} out` })
  if (BINARY.has(format) && outFlag(flags) === null && process.stdout.isTTY)
    throw new BadInput(`${format} is nothing for a terminal`, { hint: 'name a file with --out' })
  return { format, excel, packing, force: isOn(flags, 'force') }
}

/** One of these formats, as `--format` says, else as the end of the file's name does, else the usual one. */
export const formatFlag = <const T extends string>(flags: Flags, names: readonly T[], usual: T): T => {
  const out = outFlag(flags) ?? ''
  const { name: unpacked } = unpackedName(out)
  const byName = names.find(name => unpacked.toLowerCase().endsWith(`.${name}`))
  const format = oneOf(textFlag(flags, 'format') ?? byName ?? usual, names, '--format')
  if (byName !== undefined && byName !== format)
    throw new BadInput(`--out ${quote(out)} ends as ${byName}, and --format says ${format}`, {
      hint: `leave --format out, or name a file that ends with .${format}`,
    })
  return format
}

/** How what is written is compressed, as `--gzip` or `--zstd` say, else as the end of the file's name does; null = it is not. */
export const packingFlag = (flags: Flags): Packing | null => {
  const { packing: byEnding } = unpackedName(outFlag(flags) ?? '')
  const given = (Object.keys(PACKINGS) as Packing[]).filter(packing => isOn(flags, packing))
  const [wanted = byEnding] = given
  if (given.length > 1 || (byEnding !== null && wanted !== byEnding))
    throw new BadInput('a file is compressed in one way', {
      hint: 'leave out --gzip or --zstd, or name a file that ends so: .gz, .zst',
    })
  return wanted
}

/** The name of a network, or null where the flag is not given. */
export const networkFlag = (flags: Flags): string | null => {
  const text = textFlag(flags, 'network')
  if (text === null) return null
  return oneOf(
    text,
    networks.map(network => network.name),
    '--network',
  )
}

/** Whose ids and names are replaced, as `--pseudonymise` says; null = nobody's. Where a key is made, that is said on stderr. */
export const pseudonymsFlag = (
  flags: Flags,
  { pseudonymKey }: Pick<Settings, 'pseudonymKey'>,
): PseudonymsRequest | null => {
  const text = textFlag(flags, 'pseudonymise')
  if (text === null) {
    if (flags.pseudonymKey === undefined) return null
    throw new BadInput('--pseudonym-key goes with --pseudonymise', { hint: `--pseudonymise ${WHOM[0]}` })
  }
  return {
    whom: oneOf(text, WHOM, '--pseudonymise'),
    keyFile: pseudonymKey,
    keyMade: sayKeyMade,
  }
}

const sayKeyMade = (file: string): void => void process.stderr.write(`${keyMadeText(file)}\n`)

/** {@link ToolboxSources.keyMade} of a command that a person may have told to be quiet. */
export const keyMadeFlag = (flags: Flags): ((file: string) => void) =>
  isOn(flags, 'quiet') ? () => {} : sayKeyMade
