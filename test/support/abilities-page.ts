import type { Ability, Network } from '../../src/networks/contract.ts'

const HEAD = `# What can be had, and what it costs

For each network and kind of credential, made from the code (\`npx vitest run test/docs/abilities.test.ts -u\`); \`socsync networks\` tells the same. Prices are
those of a first reading; what later nights cost is in [cost](../cost.md#the-least-that-it-takes), and what a list of yours costs is told by \`socsync plan\`.
`

/** `docs/networks/abilities.md` from what the networks say of themselves. */
export const abilitiesPage = (networks: readonly Network[]): string =>
  [HEAD, ...networks.flatMap(sectionsOf)].join('\n')

const sectionsOf = ({ title, credentials, abilities }: Network): readonly string[] => [
  `## ${title}\n`,
  ...credentials.map(({ name, quota }) => {
    const rows = abilities.filter(({ credential }) => credential === name).map(rowOf)
    return `### ${title}: ${name}\n\nAllowed: ${quota}.\n\n| what | gives | price | cap | delay | |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`
  }),
]

const rowOf = ({ what, gives, price, cap, delay, note }: Ability): string => {
  const nothing = gives === 'nothing'
  const cells = [
    what,
    gives,
    price ?? '',
    cap ?? '',
    delay ?? (nothing || price === null ? '' : 'none'),
    note ?? '',
  ]
  return `| ${cells.join(' | ')} |`
}
