import { describe, expect, test } from 'vitest'
import { youtube } from '../../../../src/networks/youtube/index.ts'

const CHANNEL = 'UCnorthPierChannel0001-w'
const PLAYLIST = 'PLrainOnThePier0123456789abcdefghij'

describe('an id of YouTube', () => {
  test.each([
    [CHANNEL, CHANNEL],
    [`https://www.youtube.com/channel/${CHANNEL}`, CHANNEL],
    [`http://m.youtube.com/channel/${CHANNEL}/videos?view=0#top`, CHANNEL],
    [`youtube.com/channel/${CHANNEL}`, CHANNEL],
    ['@NatGeo', '@natgeo'],
    ['natgeo', '@natgeo'],
    ['https://www.youtube.com/@NatGeo', '@natgeo'],
    ['https://youtube.com/@NatGeo/shorts', '@natgeo'],
    ['www.youtube.com/@north.pier-1_2·3', '@north.pier-1_2·3'],
    ['@ตลาดเช้า', '@ตลาดเช้า'],
    ['https://www.youtube.com/@%E0%B8%95%E0%B8%A5%E0%B8%B2%E0%B8%94', '@ตลาด'],
    ['@ÉTÉ', '@été'],
    ['@E\u0301te\u0301', '@été'],
    ['https://www.youtube.com/user/NorthPier', 'user/northpier'],
    ['https://www.youtube.com/channel/@NatGeo', '@natgeo'],
    ['https://www.youtube.com/c/@NatGeo', '@natgeo'],
    [`https://www.youtube.com/c/${CHANNEL}`, CHANNEL],
    [`https://music.youtube.com/channel/${CHANNEL}`, CHANNEL],
    [`studio.youtube.com/channel/${CHANNEL}/videos`, CHANNEL],
    ['https://m.youtube.com/@NatGeo', '@natgeo'],
    ['UUnorthPierChannel0001-w', CHANNEL],
    ['me', 'me'],
    [`@${'a'.repeat(30)}`, `@${'a'.repeat(30)}`],
  ])('%s is %s', (text, key) => {
    expect(youtube.parseId(text)).toBe(key)
    expect(youtube.parseId(key)).toBe(key)
  })

  test.each([
    '',
    '@',
    'two words',
    'a/b',
    'a?b',
    '../etc',
    'UCnorthPierChannel0001-x',
    'https://www.youtube.com/channel/UCshort',
    'https://www.youtube.com/c/NatGeo',
    'https://www.youtube.com/NatGeo',
    'https://www.youtube.com/watch?v=vidPlain00A',
    'https://www.youtube.com/',
    'youtube.com',
    'https://youtu.be/vidPlain00A',
    'https://evil.example/@natgeo',
    'https://youtube.com.evil.example/@natgeo',
    'https://www.youtube.com/@a%2Fb',
    'https://www.youtube.com/@%E0%A4%A',
    'ftp://www.youtube.com/@natgeo',
    'javascript://www.youtube.com/@natgeo',
    `@${'a'.repeat(10_000)}`,
  ])('%s is none', text => {
    expect(youtube.parseId(text)).toBeNull()
  })

  test.each([
    ['PLrainOnThePier0123456789abcdefghij', /write playlist:PLrainOnThePier0123456789abcdefghij$/],
    ['PL0123456789ABCDEF', /write playlist:PL0123456789ABCDEF$/],
    ['UULFnorthPierChannel0001-w', /write playlist:UULFnorthPierChannel0001-w$/],
    ['https://www.youtube.com/playlist?list=WL', /does not give these lists/],
    ['https://www.youtube.com/playlist?list=UUnorthPierChannel0001-w', /give the channel/],
    ['UCnorthPierChannel0001-', /24 characters, this has 23/],
    ['UCnorthPierChannel0001-wA', /24 characters, this has 25/],
    ['https://www.youtube.com/channel/UCnorthPierChannel0001-', /24 characters, this has 23/],
    ['UCnorthPierChannel0001-x', /last character/],
    ['UUnorthPierChannel0001-x', /last character/],
    [`@${'a'.repeat(31)}`, /at most 30 characters, this has 31/],
    ['https://www.youtube.com/watch?v=vidPlain00A', /of a video/],
    ['https://www.youtube.com/shorts/vidPlain00A', /of a video/],
    ['https://youtu.be/vidPlain00A', /of a video/],
    ['https://www.youtube.com/c/NatGeo', /@handle/],
  ])('%s is refused with what is wrong', (text, why) => {
    expect(youtube.parseId(text)).toBeNull()
    expect(youtube.explainId?.(text)).toMatch(why)
  })

  test.each(['two words', 'https://evil.example/@natgeo', 'a/b'])('%s needs no explanation', text => {
    expect(youtube.explainId?.(text)).toBeNull()
  })

  test.each([
    ['vidPlain00A', 'vidPlain00A'],
    ['https://www.youtube.com/watch?v=vidPlain00A&list=PL0123456789ABCDEF', 'vidPlain00A'],
    ['m.youtube.com/shorts/vidPlain00A', 'vidPlain00A'],
    ['https://www.youtube.com/live/vidPlain00A?feature=share', 'vidPlain00A'],
    ['https://www.youtube.com/embed/vidPlain00A', 'vidPlain00A'],
    ['https://youtu.be/vidPlain00A', 'vidPlain00A'],
    ['https://www.youtube.com/watch', null],
    ['https://www.youtube.com/@natgeo', null],
    ['https://evil.example/watch?v=vidPlain00A', null],
    ['vidPlain00B', null],
    ['vidPlain0A', null],
  ])('%s as a video is %s', (text, id) => {
    expect(youtube.others.post?.parse(text)).toBe(id)
  })

  test.each([
    [PLAYLIST, PLAYLIST],
    ['PL0123456789ABCDEF', 'PL0123456789ABCDEF'],
    ['OLAK5uy_northPierAlbum0123456789abcdefg', 'OLAK5uy_northPierAlbum0123456789abcdefg'],
    ['UULFnorthPierChannel0001-w', 'UULFnorthPierChannel0001-w'],
    ['UUSHnorthPierChannel0001-w', 'UUSHnorthPierChannel0001-w'],
    [`https://www.youtube.com/playlist?list=${PLAYLIST}&si=x`, PLAYLIST],
    [`music.youtube.com/playlist?list=${PLAYLIST}`, PLAYLIST],
    [`https://www.youtube.com/watch?v=vidPlain00A&list=${PLAYLIST}`, null],
    ['https://www.youtube.com/playlist', null],
    [`https://evil.example/playlist?list=${PLAYLIST}`, null],
    ['UULFnorthPierChannel0001-x', null],
    ['UUnorthPierChannel0001-w', null],
    ['PLshort', null],
    ['LL', null],
    [CHANNEL, null],
  ])('%s as a playlist is %s', (text, id) => {
    expect(youtube.others.playlist?.parse(text)).toBe(id)
  })

  test.each([
    ['LL', /does not give these lists/],
    ['WL', /does not give these lists/],
    ['https://www.youtube.com/playlist?list=HL', /does not give these lists/],
    ['RDvidPlain00A', /mix/],
    ['UUnorthPierChannel0001-w', /give the channel/],
    ['PLshort', null],
    ['https://evil.example/playlist?list=WL', null],
  ])('%s is no playlist that can be had: %s', (text, why) => {
    const said = youtube.others.playlist?.explain?.(text) ?? null
    if (why === null) expect(said).toBeNull()
    else expect(said).toMatch(why)
  })

  test('of eleven characters looks like that of a video', () => {
    expect(youtube.looksLike?.('vidPlain00A')).toBe('a video id')
    for (const text of ['@vidPlain00A', 'vidPlain00B', 'vidPlain0A', CHANNEL]) {
      expect(youtube.looksLike?.(text)).toBeNull()
    }
  })
})
