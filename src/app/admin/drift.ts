import type { Instant } from '../../core/instant.ts'
import type { Network } from '../../networks/contract.ts'
import { watchLooks } from '../../networks/reader.ts'
import { countPages, storedPages } from '../../store/admin/stored-pages.ts'
import { withReader } from '../../store/reader.ts'
import { listRejects, type RejectLine } from '../../store/reports/reject-lines.ts'
import { DriftTally, type FieldLine, type UnknownField, type VanishedField } from './drift-tally.ts'
import { openRawZone } from './raw-zone.ts'

export interface DriftRequest {
  readonly db: string
  readonly networks: readonly Network[]
  /** Only of this network; null = of all. */
  readonly network: string | null
  /** Only what is news since then; null = all. What was there before is read in any case. */
  readonly since: Instant | null
  readonly progress: (pages: number, of: number) => void
}

type Of<Line> = Line & { readonly network: string; readonly stream: string }

/** In what the answers in a file differ from what this socsync knows of them, or earlier ones from later ones. */
export interface Drift {
  readonly pages: number
  /** Pages that could not be read at all. */
  readonly unread: number
  readonly unknown: readonly Of<UnknownField>[]
  readonly vanished: readonly Of<VanishedField>[]
  readonly retyped: readonly Of<FieldLine>[]
  readonly rejects: readonly RejectLine[]
}

/** Pages between two looks at the event loop. */
const BREATH = 200

/**
 * Reads all answers in a file once, without a call, and counts their fields. Known is what a network's reading looks at,
 * leaves out on purpose, or describes; names of fields are told, never a value.
 */
export const findDrift = ({ db, networks, network, since, progress }: DriftRequest): Promise<Drift> =>
  withReader(db, async (reader, queries) => {
    const wanted = networks.filter(({ name }) => network === null || name === network)
    const byName = new Map(wanted.map(each => [each.name, each]))
    const { read } = openRawZone(wanted)
    const tallies = new Map<string, { network: string; stream: string; tally: DriftTally }>()
    const total = await countPages(queries)
    let passed = 0
    let pages = 0
    let unread = 0
    for await (const stored of storedPages(queries)) {
      if (passed++ % BREATH === 0) {
        progress(passed, total)
        await new Promise(resume => setImmediate(resume))
      }
      const { walk, fetchedAt } = stored
      const of = byName.get(walk.network)
      if (of === undefined) continue
      const key = `${walk.network} ${walk.stream}`
      const line = tallies.get(key) ?? { network: walk.network, stream: walk.stream, tally: new DriftTally() }
      tallies.set(key, line)
      try {
        const { result, looked } = watchLooks(() => read(stored))
        result.raw.parts.forEach(({ json, request }, index) => {
          const root = index === 0 ? '$' : `$(${lastWord(request.path)})`
          line.tally.add({
            run: walk.runId,
            time: fetchedAt,
            json,
            root,
            looked,
            described: of.describe(request),
          })
        })
        pages++
      } catch {
        unread++
      }
    }
    progress(total, total)
    const each = <Line>(
      lines: (tally: DriftTally) => readonly Line[],
      at: (line: Line) => Instant,
    ): Of<Line>[] =>
      [...tallies.values()].flatMap(({ network, stream, tally }) =>
        lines(tally)
          .filter(line => since === null || at(line) >= since)
          .map(line => ({ network, stream, ...line })),
      )
    return {
      pages,
      unread,
      unknown: each(
        tally => tally.unknown(),
        line => line.first_seen_at,
      ),
      vanished: each(
        tally => tally.vanished(),
        line => line.missing_since,
      ),
      retyped: each(tally => tally.retyped(), newestType),
      rejects: fold(await listRejects(reader)).filter(
        line => byName.has(line.network) && (since === null || line.last_seen_at >= since),
      ),
    }
  })

/** Since when a field has had all its types. */
const newestType = ({ types }: FieldLine): Instant =>
  Object.values(types)
    .map(({ first_seen_at }) => first_seen_at)
    .reduce((latest, at) => (at > latest ? at : latest), '')

/** What a further answer of a page is an answer to: the end of its path, unless that is an id. */
const lastWord = (path: unknown): string =>
  String(path)
    .split('/')
    .findLast(word => /^[A-Za-z_]+$/.test(word)) ?? 'further'

/** Rejects of all elements of a list as one. */
const fold = (lines: readonly RejectLine[]): RejectLine[] => {
  const folded = new Map<string, RejectLine>()
  for (const line of lines) {
    const path = line.path.replaceAll(/\[\d+\]/g, '[]')
    const key = `${line.network} ${line.stream} ${path} ${line.reason}`
    const known = folded.get(key)
    folded.set(key, {
      ...line,
      path,
      count: line.count + (known?.count ?? 0),
      first_seen_at: earlier(line.first_seen_at, known?.first_seen_at),
      last_seen_at: later(line.last_seen_at, known?.last_seen_at),
    })
  }
  return [...folded.values()]
}

const earlier = (a: Instant, b: Instant = a): Instant => (a < b ? a : b)
const later = (a: Instant, b: Instant = a): Instant => (a > b ? a : b)
