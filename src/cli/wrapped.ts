/** Lines of at most so many columns; a word is never broken, be it longer. `words` = what is one word. */
export const wrapped = (text: string, width: number, words = /\S+/g): readonly string[] => {
  const lines: string[] = []
  for (const word of text.match(words) ?? []) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
