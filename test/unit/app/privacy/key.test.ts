import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openKey } from '../../../../src/app/privacy/key.ts'
import { tempFolder } from '../../../support/cli.ts'

describe('the key of pseudonyms', () => {
  it('is made once, for its owner alone, and is the same from then on', async () => {
    using folder = tempFolder()
    const file = folder.file('a.key')
    const all = await Promise.all(Array.from({ length: 8 }, () => openKey(file)))
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
    const [{ bytes = new Uint8Array() } = {}] = all
    expect(bytes).toHaveLength(32)
    for (const key of [...all, await openKey(file)]) expect(key.bytes).toEqual(bytes)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder.path)).toEqual(['a.key'])
  })

  it.each(['', '00', `${'0'.repeat(63)}g\n`, `${'0'.repeat(65)}`])(
    'is refused where it is damaged: %j',
    async text => {
      using folder = tempFolder()
      const file = folder.file('a.key')
      writeFileSync(file, text, { mode: 0o600 })
      await expect(openKey(file)).rejects.toMatchObject({
        exitCode: 2,
        message: `the key of pseudonyms ${file} holds no key`,
      })
      expect(readFileSync(file, 'utf8')).toBe(text)
    },
  )

  it('is refused where others may read it, and where it cannot be', async () => {
    using folder = tempFolder()
    const file = folder.file('a.key')
    await openKey(file)
    chmodSync(file, 0o640)
    await expect(openKey(file)).rejects.toMatchObject({ exitCode: 2, hint: `chmod 600 ${file}` })
    await expect(openKey(folder.file('none/a.key'))).rejects.toMatchObject({ exitCode: 2 })
    await expect(openKey(folder.path)).rejects.toMatchObject({ exitCode: 2 })
  })
})
