import type { Deposit, Gap } from './deposit.ts'

/** A paragraph, or the lines of a list. */
export interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

export const NO_LICENCE =
  'No licence was stated by who exported this. Until one is, nobody else may use it; whoever deposits it states one, within the terms below.'
export const NO_CREATOR = 'Not stated'

/** All that is said of a dataset, in plain words. */
export const sectionsOf = (deposit: Deposit): readonly Section[] => [
  { title: 'What it is', lines: whatItIs(deposit) },
  { title: 'How it was collected', lines: howCollected(deposit) },
  { title: 'What is missing, and why', lines: whatIsMissing(deposit) },
  { title: 'Licence', lines: [licenceLine(deposit)] },
  { title: 'Terms of the networks', lines: termsOf(deposit) },
  { title: 'People', lines: peopleOf(deposit) },
]

/** The same as one text, for descriptions that are one. */
export const descriptionOf = (deposit: Deposit): string =>
  sectionsOf(deposit)
    .map(({ title, lines }) => `${title}. ${lines.join(' ')}`)
    .join('\n\n')

/** The first of it, where a page has no room for all. */
export const summaryOf = (deposit: Deposit): string => whatItIs(deposit).join(' ')

const whatItIs = (deposit: Deposit): readonly string[] => {
  const names = listed(deposit.networks.map(({ title }) => title))
  const counts = deposit.tables.filter(({ rows }) => rows > 0).map(({ name, rows }) => `${rows} ${name}`)
  return [
    ...(deposit.abstract === null ? [] : [deposit.abstract]),
    deposit.real
      ? `What the official APIs of ${names || 'no network'} told of a list of profiles, copied by socsync ${deposit.software}.`
      : `Made-up data of the sandbox of socsync ${deposit.software}: no profile, post or comment of it exists.`,
    `It holds ${listed(counts) || 'no rows'}, as they were stored at ${deposit.exportedAt}.`,
    'Pictures and films are not in it, only their addresses.',
  ]
}

const howCollected = ({ collection, networks, chosen, pseudonymised }: Deposit): readonly string[] => {
  const { runs, from, to, asked, fetched, published } = collection
  const wanted = Object.entries(chosen).filter(([, value]) => value !== null)
  return [
    `The list had ${listed(networks.map(({ title, listed }) => `${listed} of ${title}`)) || 'no profiles'}: it is in list.txt${pseudonymised === 'all' ? ', by pseudonyms' : ''}.`,
    runs === 0
      ? 'No run is left that collected it.'
      : `${counted(runs, 'run')} of socsync collected it${between(from, to)}.`,
    ...asked.map(one => `${counted(one.runs, 'run')} asked for ${listed(one.scopes)}${flagsOf(one.flags)}.`),
    ...(fetched === null ? [] : [`The networks told it${between(fetched.from, fetched.to)}.`]),
    ...(published === null ? [] : [`Its posts were published${between(published.from, published.to)}.`]),
    wanted.length === 0
      ? 'All that was stored is in it.'
      : `Of what was stored it has only what fits ${wanted.map(([name, value]) => `${name} ${value}`).join(', ')}.`,
  ]
}

const flagsOf = (flags: Readonly<Record<string, string | number | boolean>>): string => {
  const set = Object.entries(flags).map(([name, value]) => `--${name} ${value}`)
  return set.length === 0 ? '' : ` with ${set.join(' ')}`
}

const between = (from: string | null, to: string | null): string => {
  if (from === null) return ''
  return to === null || from === to ? ` at ${from}` : ` between ${from} and ${to}`
}

const whatIsMissing = ({ gaps, networks }: Deposit): readonly string[] =>
  gaps.length === 0
    ? ['Nothing that is known of.']
    : gaps.map(gap => {
        const title = networks.find(({ name }) => name === gap.network)?.title ?? gap.network
        return `${title}: ${whatOf(gap)}: ${gap.reason} (${gap.means}).`
      })

const whatOf = ({ of, missing, within }: Gap): string => {
  if (of === 'profiles') return `${counted(within, 'profile')} of the list`
  const what = missing === null ? `an unknown number of ${of}` : counted(missing, of.replace(/s$/, ''))
  return `${what} of ${counted(within, of === 'posts' ? 'profile' : 'post')}`
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

const licenceLine = ({ licence }: Deposit): string =>
  licence === null ? NO_LICENCE : licence.id === null ? licence.url : `${licence.title}: ${licence.url}`

const termsOf = ({ networks, real }: Deposit): readonly string[] => [
  ...(real ? [] : ['Made-up data is bound by none; of real data there would stand here:']),
  ...networks.flatMap(({ title, terms }) => terms.map(term => `${title}: ${term}`)),
  'This is what socsync knows of, no legal advice: read the terms themselves, which change.',
]

const peopleOf = ({ pseudonymised, storesPseudonyms }: Deposit): readonly string[] => {
  if (pseudonymised === null) return PEOPLE
  const authors = 'of who wrote comments, and of whom texts mention, are replaced by pseudonyms'
  return [
    pseudonymised === 'all'
      ? `Ids and names of the profiles of the list, ${authors}.`
      : `Ids and names ${authors}; those of the profiles of the list stay as they are.`,
    ...(storesPseudonyms
      ? [
          'The database itself has pseudonyms: people were replaced before they were stored, a profile of the list too where it wrote below the post of another.',
        ]
      : []),
    'One name has one pseudonym in all tables.',
    'It is pseudonymised, not anonymous: texts can be searched for, ids of posts and comments can be asked for, names in plain words and faces stay. What the law says of personal data holds.',
  ]
}

const PEOPLE: readonly string[] = [
  'Profiles and comments hold names, ids, texts and addresses of pictures of people. In many countries the law protects them, and wants a reason to keep or pass them on.',
  'Where the research can do without them, leave out columns such as author_name, author_id and content, or replace them, before this is passed on.',
]

/** `a, b and c` */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** A column's description with what its absence says, and that people in it are covered. */
export const columnText = (
  { description, absent }: { readonly description: string; readonly absent: string | null },
  isPseudonymised = false,
): string =>
  [
    description,
    ...(isPseudonymised ? ['Pseudonymised.'] : []),
    ...(absent === null ? [] : [`Absent: ${absent}.`]),
  ].join(' ')
