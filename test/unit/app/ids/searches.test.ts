import { describe, expect, it } from 'vitest'
import { readIds } from '../../../../src/app/ids/ids.ts'
import type { IdNetwork } from '../../../../src/app/ids/named-line.ts'

const NETWORK: IdNetwork = {
  name: 'somewhere',
  hosts: [],
  parseId: text => text,
  idForms: 'any word',
  others: {
    tag: { parse: text => text.replace(/^#/, '').toLowerCase(), forms: 'a hashtag' },
    search: {
      parse: text => text,
      forms: 'the name of a search',
      checkQuery: query => (query.word === undefined ? '"word" is missing' : null),
    },
  },
}

const queries = { bread: { word: 'bread' }, empty: {} }

const read = async (...args: readonly string[]): Promise<readonly string[]> => {
  const ids: string[] = []
  const options = { network: 'somewhere', networks: [NETWORK], queries }
  for await (const { entityId } of readIds({ args }, options)) ids.push(entityId)
  return ids
}

describe('tags and searches in a list', () => {
  it('are named by their kind', async () => {
    expect(await read('tag:#Bread', 'somewhere:search:bread')).toEqual(['tag:bread', 'search:bread'])
  })

  it('are refused where nothing of a search is known, with what is near', async () => {
    await expect(read('search:bred')).rejects.toMatchObject({
      message: expect.stringContaining('argument 1: "search:bred" is a search whose query is not known'),
      hint: 'did you mean bread?',
    })
    await expect(read('search:other')).rejects.toMatchObject({
      hint: expect.stringContaining('bread, empty'),
    })
  })

  it('are refused where the network does not take what a search asks for', async () => {
    await expect(read('search:empty')).rejects.toThrow('in its query "word" is missing')
  })
})
