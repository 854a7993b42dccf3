const LONGEST = 60

/**
 * A piece of input as a message shows it: in quotes, what cannot be seen as `\u{…}`, at most 60 characters.
 * What goes to a terminal from here cannot steer it.
 */
export const quote = (text: string): string => {
  const characters = Array.from(text.slice(0, 2 * LONGEST + 2))
  const cut = text.length > LONGEST && characters.length > LONGEST
  const shown = characters.slice(0, LONGEST).map(visible).join('')
  return cut ? `"${shown}…"` : `"${shown}"`
}

/** Spaces in a row of text are fine, all other white space, controls, marks of direction and half characters are not. */
const visible = (character: string): string =>
  /[\p{C}\p{Z}]/u.test(character) && character !== ' '
    ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
    : character
