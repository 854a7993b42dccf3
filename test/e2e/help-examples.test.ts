// @module-tag long
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { BINARY, startProgram, tempFolder } from '../support/cli.ts'
import { leaves } from '../support/commands.ts'
import { examplesIn } from '../support/examples.ts'

/** The examples of all helps in their order: a folder that held nothing has what the earlier ones left. */
const examples = [buildProgram(), ...leaves(buildProgram()).map(({ command }) => command)].flatMap(
  command => {
    const parts: string[] = []
    command.configureOutput({ writeOut: part => void parts.push(part) }).outputHelp()
    return examplesIn(parts.join(''))
  },
)

/** What goes on until it is told to stop. */
const isServing = (line: string): boolean => /^socsync (serve|sandbox)\b/.test(line)

describe('the examples of the help run as they stand, in an empty folder, without a token', () => {
  const folder = tempFolder()
  const bin = tempFolder()
  writeFileSync(bin.file('socsync'), `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`)
  chmodSync(bin.file('socsync'), 0o755)
  afterAll(() => {
    folder[Symbol.dispose]()
    bin[Symbol.dispose]()
  })

  const env = {
    PATH: [bin.path, process.env.PATH].join(delimiter),
    HOME: folder.path,
    TMPDIR: tmpdir(),
    ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
  }

  /** Starts what serves, on a port that is free, and stops it once it has said where. It may say tokens that are meant to be read. */
  const serveLine = async (line: string): Promise<number | null> => {
    const child = spawn('/bin/sh', ['-c', `exec ${line} --port 0`], {
      cwd: folder.path,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(child, 'close')
    child.stdout.setEncoding('utf8').on('data', text => {
      if (/http:\/\/127/.test(text)) child.kill('SIGINT')
    })
    const [code] = (await ended) as [number | null]
    return code
  }

  it('there are some of every command but those that need a server', () => {
    const shown = new Set(examples.map(line => / *socsync ([a-z-]+( [a-z-]+)?)/.exec(line)?.[1]))
    const missing = leaves(buildProgram())
      .map(({ name }) => name)
      .filter(name => ![...shown].some(words => words === name || words?.startsWith(`${name} `)))
    expect(missing).toEqual(['worker'])
  })

  it.each([...new Set(examples)])('$ %s', async line => {
    if (isServing(line)) {
      expect([0, 130]).toContain(await serveLine(line))
      return
    }
    const ended = await startProgram('/bin/sh', ['-c', line], { cwd: folder.path, env }).ended
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
  })
})
