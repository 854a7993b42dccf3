/**
 * Letters of any script, digits, `_`, and `.`, `-` and `·` inside: what the networks take in a handle. No mention is an address of mail, nor
 * the last part of an address on the web.
 */
const MENTION =
  /(?<![\p{L}\p{M}\p{N}_./@-])@([\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_.·-]{0,60}[\p{L}\p{M}\p{N}_])?)/gu

/** The handles that a text mentions, without `@`; each once, in lower and upper case as it stands there first. */
export const mentionsOf = (text: string): readonly string[] => {
  const found = new Map<string, string>()
  for (const [, handle = ''] of text.matchAll(MENTION)) {
    const key = handle.toLowerCase()
    if (!found.has(key)) found.set(key, handle)
  }
  return [...found.values()]
}
