import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import type { PostRecord } from '../../../../src/core/records.ts'
import { writeEach } from '../../../../src/store/page/upsert.ts'
import { perTest } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const AT = Date.UTC(2026, 0, 1)

describe.each(STORES)('two walks that bring the same on $name', ({ open }) => {
  const store = perTest(open)
  const post = (likeCount: number): PostRecord => ({
    type: 'post',
    id: 'a',
    profileId: '1',
    kind: 'video',
    likeCount,
  })
  const write = (walk: number, secondsLater: number, likeCount: number) =>
    store().database.write(async tx => {
      const writer = {
        network: 'tiny',
        fetchedAt: instant(AT + secondsLater * 1000),
        jobId: walk,
        rootId: walk,
      }
      return (await writeEach(tx, 'post', [{ record: post(likeCount), writer, isNew: false }]))[0]
    })
  const stored = async () => (await store().rows('select like_count from posts'))[0]?.like_count

  it('the one that asked first and is written last changes nothing, and has gone on all the same: it is in no loop', async () => {
    expect(await write(1, 10, 7)).toMatchObject({ unseen: true, fresh: true, isNew: true })
    expect(await write(2, 5, 6)).toMatchObject({ unseen: true, fresh: true, known: true, isNew: false })
    expect(Number(await stored())).toBe(7)
    expect(await write(2, 5, 6)).toMatchObject({ unseen: false, fresh: false, known: true })
  })
})
