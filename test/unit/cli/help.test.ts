import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SETTINGS } from '../../../src/app/config/settings.ts'
import { EXIT_CODES, exitCodesOf } from '../../../src/cli/exit-codes.ts'
import { TOPICS } from '../../../src/cli/help-topics.ts'
import { buildProgram } from '../../../src/cli/program.ts'
import { EXPORT_KINDS } from '../../../src/export/kinds.ts'
import { networks } from '../../../src/networks/registry.ts'
import { leaves } from '../../support/commands.ts'
import { examplesIn } from '../../support/examples.ts'

const WIDTHS = [20, 40, 60, 80, 120, 200]

afterEach(() => void vi.unstubAllEnvs())

/** The help of a command as it is written where COLUMNS says how wide. */
const helpOf = (name: string, columns: number): string => {
  vi.stubEnv('COLUMNS', String(columns))
  const program = buildProgram()
  const command = leaves(program).find(leaf => leaf.name === name)?.command ?? program
  const parts: string[] = []
  command.configureOutput({ writeOut: part => void parts.push(part) }).outputHelp()
  return parts.join('')
}

const names = ['', ...leaves(buildProgram()).map(({ name }) => name)]

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter(word => word !== '\\')

describe('help fits any width', () => {
  it.each(names)('socsync %s', name => {
    for (const columns of WIDTHS) {
      const text = helpOf(name, columns)
      // Narrower than a flag, nothing can be done.
      const tooLong = text.split('\n').filter(line => line.length > Math.max(columns, 56))
      expect(tooLong, `at ${columns}`).toEqual([])
      expect(wordsOf(text), `at ${columns}`).toEqual(wordsOf(helpOf(name, 1000)))
    }
  })

  it.each(names)('its examples can be pasted at 60 columns: socsync %s', name => {
    expect(examplesIn(helpOf(name, 60))).toEqual(examplesIn(helpOf(name, 1000)))
  })

  it.each(Object.entries(TOPICS))('of the topic %s, too', async (_, topic) => {
    for (const columns of WIDTHS.slice(1)) {
      const text = await topic(columns)
      expect(text.split('\n').filter(line => line.length > columns)).toEqual([])
      expect(wordsOf(text)).toEqual(wordsOf(await topic(1000)))
    }
  })
})

describe('help says', () => {
  const flat = (name: string): string => helpOf(name, 1000)

  it('what can be exported, below the use of it', () => {
    const text = helpOf('export', 80)
    expect(text).toContain('Usage: socsync export [options] <what>\n')
    for (const kind of [...EXPORT_KINDS, 'all']) expect(text).toMatch(new RegExp(`\\b${kind}\\b`))
  })

  it('the default of each setting', () => {
    const told = Object.entries(SETTINGS).flatMap(([name, { fallback }]) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
      const line = flat('run').match(new RegExp(`^  ${flag} .*$`, 'm'))?.[0] ?? ''
      return typeof fallback === 'string' || typeof fallback === 'number' ? [[line, fallback]] : []
    })
    expect(told).toHaveLength(6)
    for (const [line, fallback] of told) {
      const shown = { 60000: '60s', 2592000000: '30d', 21600000: '6h' }[Number(fallback)] ?? fallback
      expect(line).toMatch(new RegExp(`\\(default ${RegExp.escape(String(shown))}[,)]`))
    }
    expect(flat('run')).toContain(`(default ${SETTINGS.scope.fallback.join(', ')})`)
  })

  it('the variables of each setting that a command has a flag for, and no other', () => {
    for (const { name, command } of leaves(buildProgram())) {
      const flags = new Set(command.options.map(option => option.attributeName()))
      const settings = [...Object.keys(SETTINGS), 'config'].filter(setting => flags.has(setting))
      const expected = settings.map(
        setting => `SOCSYNC_${setting.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`,
      )
      const [, line = ''] = /for flags that are not given: (.*)/.exec(flat(name)) ?? []
      expect(line.split(', ').filter(Boolean).sort(), name).toEqual(expected.sort())
    }
  })

  it('the exit codes of each command, which are those of the README', () => {
    const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    for (const [code, meaning] of Object.entries(EXIT_CODES))
      expect(README.replaceAll('`', '')).toContain(`| ${code} | ${meaning} |`)
    for (const { name } of leaves(buildProgram()).filter(leaf => leaf.name !== 'help'))
      for (const [code, meaning] of exitCodesOf(name))
        expect(flat(name)).toMatch(new RegExp(`^ {2}${code} +${RegExp.escape(meaning)}$`, 'm'))
    expect(flat('run')).toMatch(/^ {2}75 +deferred/m)
  })

  it('every variable that lets in, in `help environment`', async () => {
    const text = await TOPICS.environment(80)
    for (const { credentials, baseUrlVariable } of networks) {
      expect(text).toContain(baseUrlVariable)
      for (const { variable } of credentials.flatMap(({ fields }) => fields)) expect(text).toContain(variable)
    }
  })
})
