import type { CommandWords, FlagWords, Values } from './words.ts'

/** A script for fish: to be kept as `socsync.fish` in a folder of `fish_complete_path`. */
export const fishCompletion = (commands: readonly CommandWords[]): string =>
  `# fish completion of socsync, made by: socsync completion fish
function __socsync_at
    set -l at
    for word in (commandline -opc)[2..-1]
        switch (string join -- ' ' $at $word)
            case ${commands.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join(' ')}
                set at $at $word
        end
    end
    set -l joined (string join -- ' ' $at)
    test "$joined" = "$argv[1]"
end
complete -c socsync -f
${commands.flatMap(linesOf).join('\n')}
`

const linesOf = ({ path, commands, flags, argument }: CommandWords): readonly string[] => {
  const begin = `complete -c socsync -n ${quoted(`__socsync_at ${quoted(path)}`)}`
  return [
    ...commands.map(({ name, description }) => `${begin} -a ${name} -d ${quoted(description)}`),
    ...flags.map(flag => `${begin} ${flagWords(flag)} -d ${quoted(flag.description)}`),
    ...(argument === null ? [] : [`${begin} ${offered(argument)}`]),
  ]
}

const flagWords = ({ long, values }: FlagWords): string => {
  if (values === undefined) return `-l ${long.slice(2)}`
  return `-l ${long.slice(2)} ${values === 'file' ? '-r -F' : `-x ${offered(values)}`}`.trimEnd()
}

const offered = (values: Values): string => {
  if (values === null) return ''
  return values === 'file' ? '-F' : `-a ${quoted(values.join(' '))}`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
