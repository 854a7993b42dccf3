import { describe, expect, it } from 'vitest'
import { networks } from '../../../src/networks/registry.ts'
import { coverText } from '../../../src/pseudonyms/texts.ts'

const addresses = networks.map(({ name, profileAddress }) => ({ network: name, address: profileAddress }))
/** Shows whom a rule takes somebody for. */
const cover = (network: string, word: string): string => `<${network} ${word}>`

const covered = (text: string, network = 'instagram', known: readonly string[] = []): string =>
  coverText(text, { cover, addresses }, { network, known })

const CHANNEL = 'UC4PxMN_1ESeaVOhEKlToRCg'

describe('a text without its people', () => {
  it.each([
    ['@Ada', '@<instagram Ada>'],
    ['thanks, @ada.bakes.', 'thanks, @<instagram ada.bakes>.'],
    ['.@ada (@bob) @@eve', '.@<instagram ada> (@<instagram bob>) @@<instagram eve>'],
    ['спасибо @Анна_К и @καφές', 'спасибо @<instagram Анна_К> и @<instagram καφές>'],
    ['@cafe\u0301!', '@<instagram cafe\u0301>!'],
    ['threads.net/@ada', 'threads.net/@<instagram ada>'],
  ])('mentions: %s', (text, expected) => expect(covered(text)).toBe(expected))

  it.each([
    ['https://www.instagram.com/Ada.Bakes/', 'https://www.instagram.com/<instagram Ada.Bakes>/'],
    ['see instagram.com/ada.', 'see instagram.com/<instagram ada>.'],
    ['instagram.com/stories/ada/123', 'instagram.com/stories/<instagram ada>/123'],
    ['instagram.com/ada/p/Cxyz', 'instagram.com/<instagram ada>/p/Cxyz'],
    ['instagram.com/pia?hl=en', 'instagram.com/<instagram pia>?hl=en'],
    ['https://www.tiktok.com/@ada/video/7', 'https://www.tiktok.com/@<tiktok ada>/video/7'],
    ['tiktok.com/@caf%C3%A9', 'tiktok.com/@<tiktok café>'],
    ['https://youtube.com/@Ada-B', 'https://youtube.com/@<youtube Ada-B>'],
    [`http://www.youtube.com/channel/${CHANNEL}`, `http://www.youtube.com/channel/<youtube ${CHANNEL}>`],
    ['youtube.com/user/ada', 'youtube.com/user/<youtube ada>'],
    ['youtube.com/c/Ada', 'youtube.com/c/<youtube Ada>'],
    ['youtube.com/adabakes', 'youtube.com/<youtube adabakes>'],
    [`feeds/videos.xml?channel_id=${CHANNEL}`, `feeds/videos.xml?channel_id=<youtube ${CHANNEL}>`],
  ])('addresses of profiles on any network: %s', (text, expected) => expect(covered(text)).toBe(expected))

  it.each([
    ['ada@example.org', '<mail ada@example.org>@mail.invalid'],
    ['write to Ada.B+x@mail.example.co.uk!', 'write to <mail Ada.B+x@mail.example.co.uk>@mail.invalid!'],
  ])('addresses of mail: %s', (text, expected) => expect(covered(text)).toBe(expected))

  it.each([
    ['hi, it is Ada', ['Ada'], 'hi, it is <instagram Ada>'],
    ['ADA, Adam, Canada, ada_b', ['Ada'], '<instagram Ada>, Adam, Canada, ada_b'],
    ['a "b" (c) says a "b" (c)', ['a "b" (c)'], '<instagram a "b" (c)> says <instagram a "b" (c)>'],
    ['17841182351787285:1', ['17841182351787285'], '<instagram 17841182351787285>:1'],
    ['İstanbul Ada', ['Ada'], 'İstanbul <instagram Ada>'],
  ])('whom its row knows: %s', (text, known, expected) =>
    expect(covered(text, 'instagram', known)).toBe(expected),
  )

  it.each([
    '',
    'plain words, nobody in them 😀',
    'five @ 3 euros, a@b, me@host, @ @. @-',
    'https://www.youtube.com/watch?v=_xGTjhPCD-U',
    'https://www.youtube.com/playlist?list=PL1 youtube.com/shorts/abc youtube.com/feed/history',
    'https://www.instagram.com/p/Cxyz/ instagram.com/reel/Cxyz instagram.com/explore/tags/bread',
    'instagram.com/stories/highlights/1798',
    'https://www.tiktok.com/tag/bread https://vm.tiktok.com/ZMabc/',
    'UCnot-a-channel',
  ])('stays as it is: %s', text => expect(covered(text)).toBe(text))

  it('is quick however it is made', () => {
    const began = performance.now()
    for (const piece of ['@', 'a@', 'a.', '@a.', 'instagram.com/', 'a%', 'UC'])
      covered(piece.repeat(20_000 / piece.length), 'youtube', ['a'.repeat(30)])
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
