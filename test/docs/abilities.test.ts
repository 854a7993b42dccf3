import { expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { abilitiesPage } from '../support/abilities-page.ts'

it('docs/networks/abilities.md is what the networks say of themselves', async () => {
  await expect(abilitiesPage(networks)).toMatchFileSnapshot('../../docs/networks/abilities.md')
})

it('each credential is said to give each kind of task, or nothing of it', () => {
  for (const { credentials, abilities, others } of networks)
    for (const { name } of credentials) {
      const of = abilities.filter(({ credential }) => credential === name)
      const whats = of.map(({ what }) => what)
      expect(new Set(whats).size).toBe(whats.length)
      expect(whats).toEqual(expect.arrayContaining(['profile', 'posts', 'comments', 'likes']))
      if (others.post !== undefined) expect(whats).toContain('posts by id')
      if (others.playlist !== undefined) expect(whats).toContain('playlists')
      for (const { gives, price } of of)
        expect(price === null).toBe(gives === 'nothing' || gives === 'counts only')
    }
})
