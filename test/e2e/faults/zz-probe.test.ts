import { it } from 'vitest'
import { openScene, SCENERY, undisturbedOf, callsOf, type Going } from './scene.ts'
import { differenceOf, unsound } from './sound.ts'
import { query } from '../../support/tables.ts'
import { TOKENS, APP } from '../../../src/networks/instagram/sandbox/tokens.ts'
import { YOUTUBE_ACCESS as Y } from '../../../src/networks/youtube/sandbox/access.ts'
const go = async (label: string, s: any, first: Going, setup: (sb: any) => void = () => {}, between: (sb: any) => Going | void = () => {}, opts: any = {}) => {
      const u = await undisturbedOf(s)
      await using scene = await openScene(s, opts)
      setup(scene.sandbox)
      let e: any, r: any
      const b = scene.sandbox.clock.now()
      try { e = await scene.run(first) } catch (error: any) { console.log('@', s.network, label, 'THREW', error.message?.slice(0,300)); return }
      const took = scene.sandbox.clock.now() - b
      const rejects = query(scene.db, 'select * from rejects').length
      scene.sandbox.switches.clear(); const g = between(scene.sandbox); if (g === undefined) scene.sandbox.advance(26*3600_000)
      try { r = await scene.resume(g ?? {}) } catch (error: any) { console.log('@', s.network, label, 'RESUME THREW', error.message?.slice(0,200)); return }
      const d = differenceOf(scene.db, u)
      const nb = e.outcome.notBefore === null ? '' : 'nb ' + e.outcome.notBefore
      console.log('@', s.network, label, '->', e.exit, JSON.stringify(e.jobs), `calls ${e.calls}+${r.calls} need ${u.calls}`, nb, 'took', Math.round(took/1000), 'rejects', rejects, 'resume', r.exit, JSON.stringify(r.jobs), r.events.filter((x: any) => x.event === 'walk.restarted').length, d.lost.length+d.duplicated.length+d.changed.length ? `DIFF ${d.lost.length} ${d.duplicated.length} ${d.changed.length}` : 'same', unsound(scene.db).join().slice(0,150), e.outcome.stops.map((x: any) => x.credential + ':' + x.errorType).join(), e.outcome.errors[0]?.message?.slice(0,100))
}
it('probe', async () => {
  const { instagram, youtube, tiktok } = SCENERY
  const ig = (...t: string[]) => ({ SOCSYNC_INSTAGRAM_ACCESS_TOKEN: t.join(), SOCSYNC_INSTAGRAM_USER_ID: t.map(() => '17841273339442756').join(), SOCSYNC_INSTAGRAM_APP_ID: t.map(() => APP.id).join(), SOCSYNC_INSTAGRAM_APP_SECRET: t.map(() => APP.secret).join() })
  await go('3 cred, first dead', instagram, { env: ig(TOKENS.expired, TOKENS.system, TOKENS.user) , concurrency: 3})
  await go('3 cred, last dead', instagram, { env: ig(TOKENS.user, TOKENS.system, TOKENS.revoked) , concurrency: 3})
  await go('3 cred, all dead', instagram, { env: ig(TOKENS.expired, TOKENS.revoked, 'EAAnonsense') , concurrency: 3})
  await go('3 cred, first dead', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: [Y.disabledApiKey, Y.apiKey, Y.otherProjectApiKey].join() }, concurrency: 3})
  await go('2 cred, one quota', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: [Y.apiKey, Y.otherProjectApiKey].join() }, concurrency: 2}, sb => sb.setSwitch('error', { network: 'youtube', value: 'quotaExceeded', times: 1 }))
  await go('2 cred, one quota mid', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: [Y.apiKey, Y.otherProjectApiKey].join() }, concurrency: 2}, sb => sb.setSwitch('error', { network: 'youtube', value: 'quotaExceeded', after: 3, times: 1 }))
  await go('2 cred, one 429 300', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: [Y.apiKey, Y.otherProjectApiKey].join() }, concurrency: 2}, sb => sb.setSwitch('status', { network: 'youtube', value: {status: 429, headers: {'retry-after': '300'}}, after: 3, times: 1 }))
  await go('2 cred, own allowance', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: [Y.apiKey, Y.otherProjectApiKey].join() }, concurrency: 2}, sb => sb.setSwitch('default-allowance', { network: 'youtube', value: 6 }))
  await go('oauth expiring', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: '', SOCSYNC_YOUTUBE_CLIENT_ID: Y.clientId, SOCSYNC_YOUTUBE_CLIENT_SECRET: Y.clientSecret, SOCSYNC_YOUTUBE_REFRESH_TOKEN: Y.refreshToken } }, sb => sb.setSwitch('token-lifetime', { network: 'youtube', value: 1 }), () => ({}))
  await go('oauth revoked', youtube, { env: { SOCSYNC_YOUTUBE_API_KEY: '', SOCSYNC_YOUTUBE_CLIENT_ID: Y.clientId, SOCSYNC_YOUTUBE_CLIENT_SECRET: Y.clientSecret, SOCSYNC_YOUTUBE_REFRESH_TOKEN: Y.revokedRefreshToken } })
  await go('2 cred first bad', tiktok, { env: { SOCSYNC_TIKTOK_CLIENT_KEY: 'sbawsandboxkey00,sbawsandboxkey00', SOCSYNC_TIKTOK_CLIENT_SECRET: 'nonsense-secret,sandbox-client-secret-of-the-research-client' } })
  for (const s of [instagram, youtube, tiktok]) {
    for (const budget of [0, 1, 2, 4, 6]) await go('budget ' + budget, s, { budget })
    await go('refused', s, { baseUrl: 'http://127.0.0.1:9' })
    await go('dns', s, { baseUrl: 'http://nowhere.invalid' })
    await go('slow recovery', s, {}, sb => sb.setSwitch('status', { match: s.api, value: 503, times: 4, after: 2 }))
    await go('clock back', s, { budget: 4 }, () => {}, sb => { sb.advance(-3600_000); return {} })
    await go('clock back days', s, { budget: 4 }, () => {}, sb => { sb.advance(-5*86400_000); return {} })
    await go('clock fwd', s, { budget: 4 }, () => {}, sb => { sb.advance(365*86400_000); return {} })
    const exp: any = { instagram: ['fault', 'cursor-refused'], youtube: ['error', 'invalidPageToken'], tiktok: ['invalid-search-id', true] }
    await go('expired cursor on resume', s, { budget: s === youtube ? 4 : 5 }, () => {}, sb => { sb.setSwitch(exp[s.network][0], { network: s.network, value: exp[s.network][1], match: s.later.match === 'pageToken=' ? 'pageToken=' : s.later.match, times: 1 }); return {} })
    await go('storm mid', s, {}, sb => sb.setSwitch('status', { match: s.later.match, value: 503 }))
    await go('429 max-wait 0', s, { maxWaitMs: 0 }, sb => sb.setSwitch('status', { match: s.api, value: { status: 429, headers: { 'retry-after': '5' } } , after: 2}))
    await go('429 max-wait 10min', s, { maxWaitMs: 600_000 }, sb => sb.setSwitch('status', { match: s.api, value: { status: 429, headers: { 'retry-after': '300' } } , after: 2, times: 1}))
  }
  for (const [at, lbl] of [[Date.UTC(2026,9,31+1,6,30), 'last hour before'], [Date.UTC(2026,10,1,7,30), '25h day'], [Date.UTC(2026,10,1,12), 'after change'], [Date.UTC(2027,2,14,8,30), '23h day'], [Date.UTC(2027,2,14,12), 'after']] as const)
    await go('DST ' + lbl, youtube, {}, sb => sb.setSwitch('error', { network: 'youtube', value: 'quotaExceeded' }), () => {}, { now: at })
}, 600000)
