import { expect } from 'vitest'
import { OrderStore } from '../../src/store/order-store.ts'
import { withoutPause } from '../support/second-look.ts'
import { transformOf } from '../support/tiny-source.ts'
import { after, CLOCK, commitNext, had, letLeaseEnd, reap, type Scene } from './scene.ts'

const STOP = new AbortController().signal

const asking = (network: string, count: number) => ({
  transform: network,
  version: '1',
  count,
  deadlineMs: 60_000,
  polls: true,
})
/** Three posts of a profile, queued for a transform of the same name as their network. */
const queued = async (at: Scene) => {
  const run = await at.begin(['ada'])
  await commitNext(at.store, had(await run.claim()))
  const definition = transformOf(run.network)
  expect(await at.store.transforms.queueElements(definition, STOP)).toBe(3)
  return definition
}
const there = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error('nothing was found')
  return found
}

/** Three posts of a profile, and an order of a transform that none of them was queued for. */
const ordered = async (at: Scene) => {
  const run = await at.begin(['ada'])
  await commitNext(at.store, had(await run.claim()))
  const definition = transformOf(run.network)
  await ask(at, definition.transform)
  return { definition, order: there(await orderOf(at, definition.transform)) }
}
const ask = async (at: Scene, transform: string): Promise<void> => {
  await using orders = await OrderStore.open(at.where, CLOCK, () => {})
  await orders?.placeTransform(transform)
}
const orderOf = async (at: Scene, name: string) =>
  (await at.store.transforms.orders()).find(({ transform }) => transform === name)
const countQueued = (at: Scene, transform: string) =>
  at.one(`select count(*) as n from transforms where transform = '${transform}'`)

/** What is promised of each method that transforms are worked on with. */
export const TRANSFORM_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'TransformStore.queueElements': async at => {
    const definition = await queued(at)
    expect(await at.store.transforms.queueElements(definition, STOP)).toBe(0)
    await at.change(
      `update posts set caption = 'new', fetched_at = '${after(1)}' where network = '${definition.transform}' and id = 'ada-0-1'`,
    )
    expect(await at.store.transforms.queueElements(definition, STOP)).toBe(1)
    expect(await at.store.transforms.queueElements({ ...definition, version: '2' }, STOP)).toBe(3)
  },

  'TransformStore.requeueFailed': async at => {
    const definition = await queued(at)
    const name = definition.transform
    const [one] = await at.store.transforms.submissions().claim(asking(name, 1))
    if (one === undefined) throw new Error('nothing was claimed')
    expect(await at.store.transforms.requeueFailed(definition)).toBe(0)
    await at.store.transforms
      .submissions()
      .settle(one, { status: 'failed', nextPollAt: null, errorType: 'failed' })
    expect(await at.store.transforms.requeueFailed(definition)).toBe(1)
    const again = await at.store.transforms.submissions().claim(asking(name, 5))
    expect(again.map(({ elementId }) => elementId)).toContain(one.elementId)
    expect(again.find(({ id }) => id === one.id)?.key).not.toBe(one.key)
  },

  'TransformStore.report': async at => {
    const { transform } = await queued(at)
    expect(await at.store.transforms.report([transform])).toMatchObject([{ version: '1' }])
    expect(await at.store.transforms.report([])).toEqual([])
  },

  'TransformStore.submissions': async at => {
    const { transform } = await queued(at)
    expect(await at.store.transforms.submissions().nextDue(transform, '1')).toBe(after(0))
  },

  'SubmissionStore.claim': async at => {
    const { transform } = await queued(at)
    const other = await at.open()
    const [mine, theirs] = await Promise.all(
      [at.store, other].map(store => store.transforms.submissions().claim(asking(transform, 2))),
    )
    const ids = [...(mine ?? []), ...(theirs ?? [])].map(({ id }) => id)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(3)
    expect(await at.store.transforms.submissions().claim(asking(transform, 2))).toEqual([])
  },

  'SubmissionStore.settle': async at => {
    const { transform } = await queued(at)
    const frozen = await at.open()
    const [one] = await frozen.transforms.submissions().claim(asking(transform, 9))
    if (one === undefined) throw new Error('nothing was claimed')
    await letLeaseEnd(at, frozen.worker.id)
    await reap(at.store)
    const again = await at.store.transforms.submissions().claim(asking(transform, 9))
    const taken = again.find(({ id }) => id === one.id)
    expect(taken).toMatchObject({ key: one.key })
    const done = { status: 'done', nextPollAt: null } as const
    expect(await frozen.transforms.submissions().settle(one, { ...done, result: 'late' })).toBe(false)
    expect(await at.store.transforms.submissions().settle(taken ?? one, { ...done, result: 'kept' })).toBe(
      true,
    )
    expect(await at.rows(`select status, result from transforms where id = ${one.id}`)).toEqual([
      { status: 'done', result: '"kept"' },
    ])
  },

  'SubmissionStore.nextDue': async at => {
    const { transform } = await queued(at)
    const dead = await at.open()
    await dead.transforms.submissions().claim(asking(transform, 9))
    const nextDue = (of: string) => withoutPause(() => at.store.transforms.submissions().nextDue(of, '1'))
    expect(await nextDue(transform)).toBeNull()
    await letLeaseEnd(at, dead.worker.id)
    expect(await nextDue(transform)).toBe(after(0))
    expect(await nextDue('none')).toBeNull()
  },

  'SubmissionStore.share': async at => {
    const { transform } = await queued(at)
    const other = await at.open()
    const share = (by: typeof other, busy = 0) =>
      by.transforms.submissions().share({ transform, most: 3, busy })
    expect(await share(at.store)).toBe(3)
    // On a file each process goes by the service's own number.
    expect(await share(other)).toBe(at.isShared ? 0 : 3)
    if (!at.isShared) return
    const mine = await share(at.store, 1)
    expect([1, 2]).toContain(mine)
    expect(await share(other)).toBe(3 - mine)
    // Never less than what is in flight.
    expect(await share(at.store, 3)).toBe(3)
    expect(await share(other)).toBe(0)
    await at.end(other)
    expect(await share(at.store)).toBe(3)
  },

  'SubmissionStore.leave': async at => {
    const { transform } = await queued(at)
    const other = await at.open()
    const share = (by: typeof other) => by.transforms.submissions().share({ transform, most: 3, busy: 0 })
    await share(at.store)
    await at.store.transforms.submissions().leave(transform)
    expect(await share(other)).toBe(3)
  },

  'TransformStore.orders': async at => {
    const { definition, order } = await ordered(at)
    const { transform } = definition
    expect(order).toEqual({ transform, asked: 1, queued: 0, stop: null })
    await ask(at, transform)
    expect(await orderOf(at, transform)).toEqual({ ...order, asked: 2 })
    expect(await orderOf(at, 'none')).toBeUndefined()
  },

  'TransformStore.queueOrdered': async at => {
    const { definition, order } = await ordered(at)
    const { transform } = definition
    // One that is told to stop leaves it to others when it ends, and not before.
    const stopped = await at.open()
    await stopped.transforms.queueOrdered(order, definition, AbortSignal.abort())
    await at.store.transforms.queueOrdered(order, definition, STOP)
    expect(await countQueued(at, transform)).toBe(0)
    await at.end(stopped)
    const others = [at.store, await at.open()]
    await Promise.all(others.map(({ transforms }) => transforms.queueOrdered(order, definition, STOP)))
    expect(await countQueued(at, transform)).toBe(3)
    expect(await orderOf(at, transform)).toEqual({ ...order, queued: 1 })
    await at.change(`delete from transforms where transform = '${transform}'`)
    await at.store.transforms.queueOrdered(order, definition, STOP)
    expect(await countQueued(at, transform)).toBe(0)
  },

  'TransformStore.close': async at => {
    const { definition, order } = await ordered(at)
    const { transform } = definition
    expect(await at.store.transforms.close(order, definition)).toBe(false)
    await at.store.transforms.queueOrdered(order, definition, STOP)
    const through = { ...order, queued: 1 }
    expect(await at.store.transforms.close(through, definition)).toBe(false)
    await at.change(
      `update transforms set status = 'done', next_poll_at = null where transform = '${transform}'`,
    )
    // It was asked for again since it was looked at.
    await ask(at, transform)
    await at.store.transforms.close(through, definition)
    const again = there(await orderOf(at, transform))
    expect(again).toEqual({ ...through, asked: 2 })
    await at.store.transforms.queueOrdered(again, definition, STOP)
    expect(await at.store.transforms.close({ ...again, queued: 2 }, definition)).toBe(true)
    expect(await orderOf(at, transform)).toBeUndefined()
  },

  'TransformStore.noteStop': async at => {
    const { definition, order } = await ordered(at)
    const { transform } = definition
    const stop = { errorType: 'rate_limited', message: 'later', notBefore: after(5) }
    await at.store.transforms.noteStop(transform, stop)
    expect(await orderOf(at, transform)).toEqual({ ...order, stop })
    await at.store.transforms.noteStop(transform, null)
    expect(await orderOf(at, transform)).toEqual(order)
    // Asked for again it is tried again.
    await at.store.transforms.noteStop(transform, { ...stop, notBefore: null })
    await ask(at, transform)
    expect(await orderOf(at, transform)).toEqual({ ...order, asked: 2 })
  },
}
