/**
 * The commands that a help shows below `Examples:`, each as a shell is given it: what goes on behind a `\` is one with its
 * line. Those below another heading need something of the reader's own.
 */
export const examplesIn = (help: string): readonly string[] => {
  const [, after = ''] = /^Examples:\n((?: {2,}.*\n?)*)/m.exec(help) ?? []
  return after
    .replaceAll(/ \\\n */g, ' ')
    .split('\n')
    .flatMap(line => /^ {2}\$ (.*)$/.exec(line)?.[1] ?? [])
}
