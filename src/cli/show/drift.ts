import type { ChalkInstance } from 'chalk'
import type { Drift } from '../../app/admin/drift.ts'
import type { FieldLine, ValueType } from '../../app/admin/drift-tally.ts'
import { counted, number, printable, table } from './text.ts'

/** What is news in the answers of a file: a table for each sort of news, and none where there is none. */
export const showDrift = (db: string, drift: Drift, paint: ChalkInstance): string => {
  const { pages, unread, unknown, vanished, retyped, rejects } = drift
  const read = `${printable(db)}: ${counted(pages, 'page')} read`
  const sections = [
    section(paint, 'unknown fields', unknown, ['type', 'kept in', 'first seen', 'last seen'], line => [
      typesOf(line),
      line.kept,
      day(line.first_seen_at),
      day(line.last_seen_at),
    ]),
    section(
      paint,
      'vanished fields',
      vanished,
      ['type', 'first seen', 'last seen', 'missing since'],
      line => [typesOf(line), day(line.first_seen_at), day(line.last_seen_at), day(line.missing_since)],
    ),
    section(paint, 'retyped fields', retyped, ['types'], line => [
      (Object.entries(line.types) as [ValueType, FieldLine][])
        .map(
          ([type, seen]) =>
            `${type} ${day(seen.first_seen_at)}..${day(seen.last_seen_at)} (${number(seen.count)})`,
        )
        .join(', '),
    ]),
    section(paint, 'not readable', rejects, ['why', 'first seen', 'last seen'], line => [
      printable(line.reason),
      day(line.first_seen_at),
      day(line.last_seen_at),
    ]),
  ].filter(text => text !== '')
  const none = sections.length === 0 ? ['all is as this socsync knows it'] : []
  const lost = unread === 0 ? [] : [`${counted(unread, 'page')} could not be read at all`]
  return `${[read, ...lost, ...sections, ...none].join('\n')}\n`
}

interface Line {
  readonly network: string
  readonly stream: string
  readonly path: string
  readonly count: number
}

const section = <L extends Line>(
  paint: ChalkInstance,
  title: string,
  lines: readonly L[],
  columns: readonly string[],
  cells: (line: L) => readonly string[],
): string =>
  lines.length === 0
    ? ''
    : `\n${paint.bold(title)}\n${table([
        ['  network', 'stream', 'path', 'count', ...columns],
        ...lines.map(line => [
          `  ${line.network}`,
          line.stream,
          printable(line.path),
          line.count,
          ...cells(line),
        ]),
      ])}`

const typesOf = ({ types }: FieldLine): string => Object.keys(types).join(' or ')

const day = (at: string): string => at.slice(0, 10)
