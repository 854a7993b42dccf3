import type { Deposit } from './deposit.ts'
import { sectionsOf } from './words.ts'

/** What a person reads first. */
export const readMe = (
  deposit: Deposit,
  beside: readonly { readonly name: string; readonly is: string }[],
): string =>
  [
    `# ${onOneLine(deposit.title)}`,
    ...(deposit.creators.length === 0
      ? []
      : [
          deposit.creators
            .map(({ name, orcid, affiliation }) => [name, affiliation, orcid].filter(Boolean).join(', '))
            .join('; '),
        ]),
    `Version ${deposit.version}, exported at ${deposit.exportedAt}.`,
    ...sectionsOf(deposit).flatMap(({ title, lines }) => [
      `## ${title}`,
      lines.map(line => `- ${onOneLine(line)}`).join('\n'),
    ]),
    '## Files',
    [
      '| file | holds | rows | bytes | SHA-256 |',
      '|---|---|---|---|---|',
      ...deposit.tables.map(
        ({ file, description, rows, bytes, sha256 }) =>
          `| ${file} | ${description} | ${rows} | ${bytes} | \`${sha256}\` |`,
      ),
      ...beside.map(({ name, is }) => `| ${name} | ${is} | | | |`),
    ].join('\n'),
    READ,
  ]
    .join('\n\n')
    .concat('\n')

const READ = `Long ids are text: read them as such, or a spreadsheet rounds them. Moments are in UTC. An absent value is unknown, hidden, or does not apply, never zero;
datapackage.json says which for each column.`

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ')
