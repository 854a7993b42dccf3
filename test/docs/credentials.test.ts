import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readCredentialsFile } from '../../src/app/credentials/file.ts'
import { networks } from '../../src/networks/registry.ts'
import { tempFolder } from '../support/cli.ts'
import { filesOf } from '../support/documents.ts'

it('the file of docs/credentials.md is read, and has an entry of each kind that is named beside it', async () => {
  const [{ text } = { text: '' }] = filesOf('docs/credentials.md')
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? []
  using folder = tempFolder()
  const file = folder.file('credentials.json')
  writeFileSync(file, json, { mode: 0o600 })
  const read = await readCredentialsFile(file, networks)
  const kinds = [...read.values()].flatMap(entries => entries.map(({ kind }) => kind))
  expect(kinds.toSorted()).toEqual(
    networks.flatMap(({ credentials }) => credentials.map(({ name }) => name)).toSorted(),
  )
})

it('CITATION.cff has the version of the package', () => {
  const [{ text: cff } = { text: '' }, { text: json } = { text: '{}' }] = filesOf(
    'CITATION.cff',
    'package.json',
  )
  expect(/^version: (.+)$/m.exec(cff)?.[1]).toBe(JSON.parse(json).version)
})
