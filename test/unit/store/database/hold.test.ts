import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const HOLDER = fileURLToPath(new URL('../../../support/hold-name.ts', import.meta.url))

describe.each(STORES)('a name that is held on $name', ({ open }) => {
  const store = perTest(open)
  const isHeld = (name: string): Promise<boolean | null> => store().database.committed.isHeld(name)
  /** A server that has just started takes every name for held. */
  const untilFree = async (name: string): Promise<void> => {
    while (await isHeld(name)) await new Promise(resume => setTimeout(resume, 20))
  }
  const holdElsewhere = async (name: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [HOLDER, store().where, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(String(said)).toBe('held\n')
    return child
  }

  it('is one holder’s until it is given back', async () => {
    await untilFree('a')
    const { database } = store()
    const held = await database.hold('a')
    expect(held).not.toBeNull()
    expect(await isHeld('a')).toBe(true)
    expect(await database.hold('a')).toBeNull()
    expect(await isHeld('b')).toBe(false)
    const other = await database.hold('b')
    expect(other).not.toBeNull()
    await held?.[Symbol.asyncDispose]()
    await untilFree('a')
    expect(await isHeld('b')).toBe(true)
    const again = await database.hold('a')
    expect(again).not.toBeNull()
    for (const one of [other, again]) await one?.[Symbol.asyncDispose]()
  })

  it('is seen in a transaction and by who only reads', async () => {
    await untilFree('a')
    await using held = await store().database.hold('a')
    expect(held).not.toBeNull()
    expect(await store().database.write(async tx => [await tx.isHeld('a'), await tx.isHeld('b')])).toEqual([
      true,
      false,
    ])
    const reader = await store().openReader()
    expect(await reader.isHeld('a')).toBe(true)
    await reader.close()
  })

  it('is free as soon as the process that had it is killed', async () => {
    await untilFree('a')
    const child = await holdElsewhere('a')
    expect(await isHeld('a')).toBe(true)
    expect(await store().database.hold('a')).toBeNull()
    child.kill('SIGKILL')
    await once(child, 'exit')
    await untilFree('a')
    await store().database.clearHold('a')
    await using held = await store().database.hold('a')
    expect(held).not.toBeNull()
  })
})
