import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { cachedRead, cachedReads } from '../../../src/server/cached-read.ts'

/** Counts how often it was read; each time takes so long. */
const reader = (ms: number) => {
  let reads = 0
  return cachedRead(async () => {
    const mine = ++reads
    if (ms > 0) await pause(ms)
    return mine
  })
}

describe('what is read seldom', () => {
  it('is read each time where that is cheap', async () => {
    const { read } = reader(0)
    expect([await read(), await read()]).toEqual([1, 2])
  })

  it('is shared by those who ask at once, and given again for a while where it was dear', async () => {
    const { read } = reader(50)
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1])
    expect(await read()).toBe(1)
  })

  it('is read anew once it has changed, also while it is being read', async () => {
    const { read, forget } = reader(50)
    const before = read()
    forget()
    expect(await read()).toBe(2)
    expect(await before).toBe(1)
    expect(await read()).toBe(2)
  })

  it('that could not be read is tried again', async () => {
    let reads = 0
    const { read } = cachedRead(async () => {
      await pause(30)
      if (++reads === 1) throw new Error('locked')
      return reads
    })
    await expect(read()).rejects.toThrow('locked')
    expect(await read()).toBe(2)
  })
})

describe('many things that are read seldom', () => {
  it('are kept each by its key, those asked for last', async () => {
    const kept = cachedReads<string>(2)
    const read: string[] = []
    const ask = (key: string): Promise<string> =>
      kept.read(key, async () => {
        await pause(30)
        read.push(key)
        return key
      })
    expect(await Promise.all([ask('a'), ask('b'), ask('a')])).toEqual(['a', 'b', 'a'])
    await ask('a')
    expect(read).toEqual(['a', 'b'])
    await ask('c')
    await ask('a')
    expect(read).toEqual(['a', 'b', 'c'])
    await ask('b')
    expect(read).toEqual(['a', 'b', 'c', 'b'])
  })
})
