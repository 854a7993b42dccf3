import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../src/app/config/config.ts'
import { readQueryFile } from '../../../../src/app/config/search-config.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perFile } from '../../../support/fresh.ts'

const folder = perFile(tempFolder)

const load = async (searches: unknown) => {
  const config = folder().file('config.json')
  await writeFile(config, JSON.stringify({ searches }))
  return (await loadConfig({ flags: { config }, env: {}, networks: [] })).searches
}

describe('searches', () => {
  it('stand in the config file by their names', async () => {
    expect(await load({ bread: { and: [1] } })).toEqual({ bread: { and: [1] } })
  })

  it.each([
    [[], '"searches" in'],
    [{ 'Two words': {} }, 'the search "Two words" in'],
    [{ bread: 'x' }, 'searches.bread of'],
  ])('%j is refused by its place', async (searches, message) => {
    await expect(load(searches)).rejects.toThrow(message)
  })

  it('of a file are called as it is', async () => {
    const file = folder().file('rye-bread.json')
    await writeFile(file, '{"and": []}')
    expect(await readQueryFile(file)).toEqual({ 'rye-bread': { and: [] } })
    await writeFile(file, '{"and": [}')
    await expect(readQueryFile(file)).rejects.toThrow(/rye-bread.json is not JSON from line 1, column 10 on/)
    await expect(readQueryFile(folder().file('Rye bread.json'))).rejects.toThrow('cannot be')
    await expect(readQueryFile(folder().file('none.json'))).rejects.toThrow('does not exist')
  })
})
