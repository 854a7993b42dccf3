import { type CommandWords, pathsPattern, type Values } from './words.ts'

/** A script for zsh: to be kept as `_socsync` in a folder of `fpath`. */
export const zshCompletion = (commands: readonly CommandWords[]): string =>
  `#compdef socsync
# zsh completion of socsync, made by: socsync completion zsh
_socsync() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] at= word i
  local -a said
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$at $word" in
      ${pathsPattern(commands)}) at="\${at:+$at }$word" ;;
    esac
  done
  if [[ $cur == --*=* ]]; then
    prev=\${cur%%=*}
    compset -P '*='
  fi
  case "$at $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(wordCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _socsync ]]; then _socsync "$@"; else compdef _socsync socsync; fi
`

const valueCases = ({ path, flags }: CommandWords): readonly string[] =>
  flags.flatMap(({ long, values }) =>
    values === undefined ? [] : [`    '${path} ${long}') ${offer(values)}; return ;;`],
  )

const offer = (values: Values): string => {
  if (values === null) return '_message value'
  return values === 'file' ? '_files' : `compadd -- ${values.join(' ')}`
}

const wordCase = ({ path, commands, flags, argument }: CommandWords): string => {
  const described = flags.map(({ long, description }) => entry(long, description))
  const others =
    argument !== null
      ? offer(argument)
      : `said=(${commands.map(({ name, description }) => entry(name, description)).join(' ')}); _describe command said`
  return `    '${path}') if [[ $cur == -* ]]; then said=(${described.join(' ')}); _describe flag said; else ${others}; fi ;;`
}

/** A word and what it means, as one quoted word. */
const entry = (word: string, meaning: string): string => `'${word}:${meaning.replaceAll("'", "'\\''")}'`
