import { demand } from '../call.ts'
import * as errors from '../errors.ts'
import { type Grant, type Host, PAGES, TOKENS } from '../tokens.ts'
import type { Account } from '../world/account.ts'
import { scopedId } from '../world/ids.ts'
import { accountInsights } from './account-insights.ts'
import { discoveredMediaView } from './discovered-media-view.ts'
import { discoveredMediaEdge, mediaEdge, othersEdge, storiesEdge, wholeEdge } from './edges.ts'
import { ownMediaView } from './own-media-view.ts'
import { read, type View } from './view.ts'

const NODE = 'ShadowIGUser'

const ON_BOTH_HOSTS: View<Account>['fields'] = {
  username: account => account.username,
  name: account => account.name,
  biography: account => account.biography,
  website: account => account.website,
  followers_count: account => account.followers,
  follows_count: account => account.follows,
  media_count: account => account.mediaCount,
  profile_picture_url: (account, call) => (account.hasPicture ? call.sign(account.id, 'picture') : null),
}

/** Another account, through the own one that asks for it (docs/networks/instagram.md §5). */
const discoveredView: View<Account> = {
  type: NODE,
  fickle: true,
  defaults: ['id'],
  id: account => account.id,
  fields: { ...ON_BOTH_HOSTS, ig_id: account => account.legacyId },
  edges: { media: discoveredMediaEdge(discoveredMediaView) },
  refused: {
    stories: errors.noPermission,
    shopping_product_tag_eligibility: errors.noPermission,
    live_media: errors.notFromDiscovery,
    tags: errors.undocumentedField,
    insights: errors.undocumentedField,
  },
}

const facebookView: View<Account> = {
  type: NODE,
  defaults: ['id'],
  id: account => account.id,
  fields: {
    ...ON_BOTH_HOSTS,
    ig_id: account => account.legacyId,
    legacy_instagram_user_id: account => String(account.legacyId),
    has_profile_pic: account => account.hasPicture,
    is_published: () => true,
    shopping_product_tag_eligibility: () => false,
    alt_text: () => null,
  },
  nested: {
    business_discovery: (_, ask, call) => {
      demand(call, 'discovery')
      const username = ask.modifiers.get('username')
      if (username === undefined) throw errors.badParameter('The parameter username is required')
      const account = call.world.accountByName(username.toLowerCase())
      if (account === null) throw errors.noSuchUser(username)
      return read(discoveredView, account, ask.fields, call)
    },
  },
  edges: {
    media: mediaEdge(ownMediaView.facebook.listed),
    stories: storiesEdge(ownMediaView.facebook.listed),
    tags: othersEdge('tags', account => account.postsElsewhere('tagged'), discoveredMediaView),
    collaborative_media: othersEdge(
      'collaborative_media',
      account => account.postsElsewhere('together'),
      discoveredMediaView,
    ),
    live_media: wholeEdge(() => [], ownMediaView.facebook.listed),
    insights: accountInsights,
  },
}

const instagramView: View<Account> = {
  type: 'IGUser',
  defaults: ['id'],
  id: account => scopedId(account.index),
  fields: {
    ...ON_BOTH_HOSTS,
    user_id: account => account.id,
    account_type: account => account.type,
  },
  edges: {
    media: mediaEdge(ownMediaView.instagram.listed),
    stories: storiesEdge(ownMediaView.instagram.listed),
    live_media: wholeEdge(() => [], ownMediaView.instagram.listed),
    insights: accountInsights,
  },
}

/** A token's own account (docs/networks/instagram.md §6). */
export const ownUserView: Readonly<Record<Host, View<Account>>> = {
  facebook: facebookView,
  instagram: instagramView,
}

type FacebookPage = (typeof PAGES)[number]

/** A Page: without a linked account it simply lacks the key. */
export const pageView: View<FacebookPage> = {
  type: 'Page',
  defaults: ['name', 'id'],
  id: page => page.id,
  fields: {
    name: page => page.name,
    category: () => 'Coffee shop',
    access_token: page => (page === PAGES[0] ? TOKENS.page : null),
  },
  nested: {
    instagram_business_account: ({ account: index }, { fields }, call) => {
      const account = index === null ? null : call.world.account(index)
      return account === null ? null : read(facebookView, account, fields, call)
    },
  },
}

/** The person or system user that a token speaks for. */
export const personView: View<Grant> = {
  type: 'User',
  defaults: ['name', 'id'],
  id: grant => grant.subject,
  fields: { name: ({ type }) => (type === 'SYSTEM_USER' ? 'Sync System User' : 'Lena Pier') },
  edges: {
    accounts: wholeEdge(() => PAGES, pageView),
  },
}
