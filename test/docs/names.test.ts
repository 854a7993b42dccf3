import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERROR_HINT, REASON_TEXT } from '../../src/app/reports/messages.ts'
import { buildProgram } from '../../src/cli/program.ts'
import * as errors from '../../src/core/errors.ts'
import { ERROR_TYPE } from '../../src/engine/disposition.ts'
import { leaves } from '../support/commands.ts'
import { filesOf, headingOf, proseLines, ROOT, userDocuments } from '../support/documents.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const TEXT = userDocuments()
  .map(({ text }) => text)
  .join('\n')
/** The documents' words in code: `like this`, and all of their blocks. */
const CODE = [...TEXT.matchAll(/```[^\n]*\n([\s\S]*?)```|`([^`\n]+)`/g)]
  .map(([, block, word]) => block ?? word)
  .join('\n')

const isDocumented = (word: string): boolean =>
  new RegExp(`(?<![\\w-])${RegExp.escape(word)}(?![\\w-])`).test(CODE)

/** The rows of the README's table under a heading: the words of the first column. */
const firstColumn = (heading: string): readonly string[] => {
  const section = README.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| *([^|]*?) *\|/gm)].map(([, cell = '']) => cell).slice(2)
}

const flagsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/(?<=^|[\s(`])--[a-z][a-z-]*[a-z]\b(?!-)/gm)].map(([flag]) => flag))

describe('the documents name', () => {
  const commands = leaves(buildProgram())
  const flags = commands.flatMap(({ name, command }) =>
    command.options.filter(option => !option.hidden).map(option => [name, option.long ?? ''] as const),
  )
  const known = new Set([...flags.map(([, flag]) => flag), '--help', '--version'])

  it.each(commands.map(({ name }) => name))('the command %s', name => {
    expect(isDocumented(name)).toBe(true)
    expect(firstColumn('Commands')).toContain(`\`${name}\``)
  })

  it.each(flags)('the flag of %s %s', (_, flag) => {
    expect(isDocumented(flag)).toBe(true)
  })

  it('no flag that is none', () => {
    expect([...flagsIn(CODE)].filter(flag => !known.has(flag))).toEqual([])
  })

  it('as planned each flag of the design that is none', () => {
    let planned = false
    const [design] = filesOf('docs/design.md')
    const told = proseLines(design?.text ?? '').filter(line => {
      if (headingOf(line) !== null) planned = line.includes('*(planned')
      return !planned && !line.includes('*(planned')
    })
    expect(told.length).toBeGreaterThan(100)
    expect([...flagsIn(told.join('\n'))].filter(flag => !known.has(flag))).toEqual([])
  })

  it('every exit code, and none that is not', () => {
    const thrown = Object.values(errors)
      .filter(type => type !== errors.SocsyncError)
      .map(type => new (type as new (message: string) => errors.SocsyncError)('').exitCode)
    const [outcome] = filesOf('src/app/**/outcome.ts')
    const returned = [...(outcome?.text ?? '').matchAll(/(?:return|\?|:) (\d+)\b(?=$|\s+:|\n)/gm)].map(
      ([, code]) => Number(code),
    )
    const signals = [129, 130, 143]
    const codes = firstColumn('Exit codes').flatMap(cell => cell.split(', ').map(Number))
    const all = new Set([0, ...thrown, ...returned, ...signals])
    expect(codes.toSorted((a, b) => a - b)).toEqual([...all].toSorted((a, b) => a - b))
  })

  const variables = new Set(
    filesOf('src/**/*.ts').flatMap(({ text }) =>
      [
        ...text.replace(/^\s*(\/?\*|\/\/).*$/gm, '').matchAll(/\bSOCSYNC_[A-Z_]*[A-Z]\b|\benv\.([A-Z_]+)\b/g),
      ].map(([all, other]) => other ?? all),
    ),
  )
  it.each([...variables].sort())('the environment variable %s', name => {
    expect(isDocumented(name)).toBe(true)
  })

  it('no environment variable that is none', () => {
    const settings = /^SOCSYNC_(LIMIT_POSTS|DB|CONFIG|CREDENTIALS|TEST_POSTGRES_URL)$/
    const named = new Set([...TEXT.matchAll(/\bSOCSYNC_[A-Z_]*[A-Z]\b/g)].map(([name]) => name))
    expect([...named].filter(name => !variables.has(name) && !settings.test(name))).toEqual([])
  })

  const task = readFileSync(join(ROOT, 'src/core/task.ts'), 'utf8')
  const [, list = ''] = /const REASONS = \[([\s\S]*?)\]/.exec(task) ?? []
  const reasons = [...list.matchAll(/'([a-z-]+)'/g)].map(([, reason = '']) => reason)
  it.each(reasons)('the reason %s', reason => {
    expect(isDocumented(reason)).toBe(true)
    expect(REASON_TEXT).toHaveProperty([reason])
  })

  it.each([...new Set([...Object.values(ERROR_TYPE), ...Object.keys(ERROR_HINT)])])(
    'the error type %s',
    type => {
      expect(isDocumented(type)).toBe(true)
    },
  )
})
