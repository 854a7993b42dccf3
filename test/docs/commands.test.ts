// @module-tag long
import { chmodSync, cpSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { BINARY, type Ended, startProgram, tempFolder } from '../support/cli.ts'
import { ROOT, userDocuments } from '../support/documents.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

describe("the documents' commands run", () => {
  const folder = tempFolder()
  let sandbox: TestSandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ networks })
    cpSync(join(ROOT, 'examples'), folder.file('examples'), { recursive: true })
    writeFileSync(folder.file('profiles.txt'), 'instagram:one.post\ninstagram:albums.only\n')
    writeFileSync(folder.file('socsync'), `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`)
    chmodSync(folder.file('socsync'), 0o755)
  })
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const blocks = userDocuments().flatMap(({ text }) =>
    [...text.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].map(([, block = '']) => block),
  )
  // A line of cron is run without its time and place.
  const commands = blocks.flatMap(block =>
    block.split('\n').flatMap(line => /(?:^|&& |\| |npx )(socsync [^#>]*)/.exec(line)?.[1]?.trim() ?? []),
  )
  const order = [...new Set(commands)].toSorted(
    (a, b) => Number(b.includes('--sandbox')) - Number(a.includes('--sandbox')),
  )

  it('there are some', () => {
    expect(order.length).toBeGreaterThanOrEqual(25)
  })

  // In order: what is exported was run before.
  it.each(order)('$ %s', async command => {
    const ended = await runLine(command)
    expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(0)
  })

  /** A line as a shell runs it, in the test's folder. The sandbox serves from this process, so the wait must not block it. */
  const runLine = (line: string): Promise<Ended> => {
    const path = [folder.path, process.env.PATH].join(delimiter)
    const env = { ...sandbox.env, PATH: path, HOME: folder.path }
    return startProgram('/bin/sh', ['-c', line], { cwd: folder.path, env }).ended
  }
})
