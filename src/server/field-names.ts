/** Fields of a request whose flags are told by messages that the command line has, too. */
const FIELDS = [
  ...['network', 'scope', 'since', 'until', 'limit-posts', 'limit-comments', 'replies', 'lists', 'budget'],
  ...['lookback', 'full-every', 'refresh-after', 'max-wait', 'concurrency', 'entity', 'run', 'transform'],
] as const

const FLAG = new RegExp(`--(${FIELDS.join('|')})(?![\\w-])`, 'g')

/** A message of the command line in the words of a request: `--limit-posts` is its field `limit_posts`, and a list has lines. */
export const inFields = (text: string): string =>
  text
    .replaceAll(FLAG, (_, flag: string) => `\`${flag.replaceAll('-', '_')}\``)
    .replaceAll(/\bargument (\d+)(?=:)/g, 'line $1')
    .replaceAll('pass `', 'give `')
    // Whoever starts the server names it.
    .replaceAll(' with --credentials', ' where the server is started')
