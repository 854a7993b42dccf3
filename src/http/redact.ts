/** What stands in a secret's place. */
const HIDDEN = '***'

/** Names whose values are secrets wherever they stand: in addresses, form bodies and JSON. */
const SECRET_NAMES = [
  'access_token',
  'refresh_token',
  'client_secret',
  'app_secret',
  'appsecret_proof',
  'fb_exchange_token',
  'input_token',
  'api_key',
]
const NAMES = SECRET_NAMES.join('|')

const VALUE = '[^&\\s"\'<>\\\\#]'

const PATTERNS: readonly RegExp[] = [
  // In an address or a form; YouTube's `key` is a secret only there.
  new RegExp(`(?<![\\w-])((?:${NAMES}|key)=)${VALUE}+`, 'gi'),
  // In an address that is itself a parameter, however often it was encoded.
  new RegExp(`(%(?:25)*(?:3F|26)(?:${NAMES}|key)%(?:25)*3D)(?:(?!%(?:25)*26)${VALUE})+`, 'gi'),
  // In JSON, also in JSON within a string.
  new RegExp(`(\\\\*["'](?:${NAMES})\\\\*["']\\s*:\\s*\\\\*["'])[^"'\\\\]+`, 'gi'),
  // With a digit in it, else "Bearer authentication" would be one.
  /(\bbearer\s+)(?=\S*\d)[\w.~+/!|=-]{6,}/gi,
  /(\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:(?:basic|oauth)\s+)?)(?!bearer\b)[^\s"'\\]+/gi,
  // The password of an address with a user in it.
  /(:\/\/[^\s/?#:@]*:)[^\s/?#@]+(?=@)/g,
]

/** Shorter ones are not replaced by value: they would be found in ordinary words. */
const SHORTEST = 6

/**
 * The one place that knows the secrets. Everything that leaves the process by a log, an error, the database or an
 * export has gone through it.
 */
export class Redactor {
  readonly #secrets = new Set<string>()
  #known: RegExp | null = null

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret)
  }

  add(secret: string): void {
    if (secret.length < SHORTEST || this.#secrets.has(secret)) return
    this.#secrets.add(secret)
    this.#known = null
  }

  /** Notes what an address or a form carries by a secret's name: known from then on where only the value stands. */
  learnForm(text: string): void {
    for (const [, value = ''] of text.matchAll(IN_FORM)) {
      this.add(value)
      this.add(decoded(value))
    }
  }

  /** The same of the JSON that answers a token request. */
  learnJson(text: string): void {
    for (const [, value = ''] of text.matchAll(IN_JSON)) this.add(value.replaceAll('\\/', '/'))
  }

  /** The same of a request's headers. */
  learnHeaders(headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      if (/^(authorization|x-goog-api-key)$/i.test(name))
        this.add(value.replace(/^(bearer|oauth|basic)\s+/i, ''))
    }
  }

  /** Replaces the known secrets alone, in every form they take in an address, in JSON or in Base64: fit for data. */
  values(text: string): string {
    if (this.#secrets.size === 0) return text
    this.#known ??= anyOf(this.#secrets)
    return text.replace(this.#known, HIDDEN)
  }

  /** Also what looks like a secret by its name. For messages; in data it could hit what somebody wrote. */
  text(text: string): string {
    return PATTERNS.reduce((clean, pattern) => clean.replace(pattern, `$1${HIDDEN}`), this.values(text))
  }

  url(url: string | URL): string {
    return this.text(String(url))
  }

  /** A copy that is safe to show: name, code, message and stack without secrets, its causes as well. */
  error(error: unknown): Error {
    return this.#copy(error, new Set())
  }

  #copy(error: unknown, above: Set<unknown>): Error {
    if (!(error instanceof Error)) return new Error(this.text(String(error)))
    const copy = new Error(this.text(error.message))
    copy.name = error.name
    copy.stack = this.text(error.stack ?? '')
    if ('code' in error) Object.assign(copy, { code: error.code })
    if (error.cause !== undefined && !above.has(error.cause))
      copy.cause = this.#copy(error.cause, above.add(error))
    return copy
  }
}

const IN_FORM = new RegExp(`(?:^|[?&])(?:${NAMES}|key)=([^&#]+)`, 'gi')
const IN_JSON = new RegExp(`"(?:${NAMES})"\\s*:\\s*"([^"]+)"`, 'gi')

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return value
  }
}

/** The longest first: one secret may begin with another. */
const anyOf = (secrets: Iterable<string>): RegExp => {
  const sorted = [...secrets].sort((a, b) => b.length - a.length)
  return new RegExp([...sorted.map(anyForm), ...sorted.flatMap(anyBase64)].join('|'), 'g')
}

/**
 * Patterns for the text in Base64, of either alphabet and within something longer: one for each place in a group of
 * three bytes where it may begin. The characters at its ends that are half a neighbour's stay.
 */
const anyBase64 = (secret: string): readonly string[] =>
  [0, 1, 2].map(before => {
    const bytes = Buffer.from('\0'.repeat(before) + secret)
    const whole = bytes
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return whole.replace(/[+/]/g, found => `(?:${anyForm(found)}|${found === '+' ? '-' : '_'})`)
  })

/** A pattern for the text as it is, percent-encoded once or more, as a form writes it, or escaped in JSON. */
const anyForm = (secret: string): string =>
  Array.from(secret, character => {
    if (/\w/.test(character)) return character
    const bytes = [...Buffer.from(character)].map(byte => `%(?:25)*${hex(byte)}`).join('')
    const unicode = `\\\\+u${hex(character.charCodeAt(0) >> 8)}${hex(character.charCodeAt(0) & 0xff)}`
    const raw = `\\\\*${character.replace(/[^\w\s]/, '\\$&')}`
    return `(?:${raw}|${bytes}|${unicode}${character === ' ' ? '|\\+' : ''})`
  }).join('')

/** Two digits in either case. */
const hex = (byte: number): string =>
  byte
    .toString(16)
    .padStart(2, '0')
    .replace(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
