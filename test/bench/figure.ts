/** What a measure found, and what is wanted of it. */
export interface Figure {
  /** Names it in the table, in `--json` and in the baseline. */
  readonly name: string
  readonly value: number
  readonly unit: '×' | 'MB' | 'ms' | 'ids/s'
  readonly reach: Reach
  /** What was measured, in a few words: sizes, and the figures that the value comes from. */
  readonly note: string
  /** Whether it is alike on any machine and in any night: only then the baseline holds it. */
  readonly isStable: boolean
}

/** At least, or at most; null = only told. */
export type Reach = { readonly least: number } | { readonly most: number } | null

/** Sizes and turns of a bench. */
export interface Sizes {
  /** Parts of the full sizes, 0 to 1: 1 = as docs/performance.md has them. */
  readonly scale: number
  readonly rounds: number
}

export interface Measure {
  readonly name: string
  measure(sizes: Sizes): AsyncIterable<Figure>
}

export const isReached = ({ value, reach }: Figure): boolean => {
  if (reach === null) return true
  return 'least' in reach ? value >= reach.least : value <= reach.most
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** Three figures, and no more digits than a measure has. */
const short = (value: number): string =>
  value >= 100
    ? value.toLocaleString('en', { maximumFractionDigits: 0 })
    : value.toPrecision(value < 1 ? 2 : 3)

const reachOf = (reach: Reach, unit: string): string => {
  if (reach === null) return ''
  const sign = 'least' in reach ? '≥' : '≤'
  return `${sign} ${Object.values(reach)[0]} ${unit}`
}

/** A line of the table. */
export const lineOf = (figure: Figure): string => {
  const { name, value, unit, reach, note } = figure
  const mark = reach === null ? ' ' : isReached(figure) ? '✓' : '✗'
  const columns = [
    name.padEnd(38),
    `${short(value)} ${unit}`.padStart(13),
    mark,
    reachOf(reach, unit).padEnd(16),
  ]
  return `${columns.join(' ')} ${note}`.trimEnd()
}

/** How much worse than the baseline a stable figure may be, as a part of it. */
const ROOM = 0.15

/** Which stable figures are worse than those of the baseline by more than is allowed, a line each. */
export const worseThan = (
  baseline: Readonly<Record<string, number>>,
  figures: readonly Figure[],
): readonly string[] =>
  figures.flatMap(({ name, value, unit, reach, isStable }) => {
    const before = baseline[name]
    if (!isStable || reach === null || before === undefined) return []
    const isWorse = 'least' in reach ? value < before * (1 - ROOM) : value > before * (1 + ROOM)
    return isWorse ? [`${name}: ${short(value)} ${unit}, and the baseline has ${short(before)}`] : []
  })
