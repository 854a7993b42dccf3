import { hash32 } from '../../../seeded.ts'
import { type Call, data, type Reply } from '../call.ts'
import { type FieldTable, readFields, show } from '../wire/fields.ts'
import { invalid, Refusal } from '../wire/reply.ts'
import { Body } from '../wire/request.ts'
import { type Creator, DAY } from '../world/creators.ts'
import { type Profile, profileOf } from '../world/profiles.ts'

/** 403 by one client, 400 by another, the code unconfirmed (docs/networks/tiktok.md §6): so both are switches. */
export const refuse = ({ knobs }: Call, status: number, message: string): Refusal => {
  const code = knobs.trait('refusal-code')
  return new Refusal(
    knobs.number('refusal-status') ?? status,
    typeof code === 'string' ? code : 'invalid_params',
    message,
  )
}

/** The creator whom a body names, if user endpoints speak of it. */
export const requireUser = (call: Call, body: Body): Creator => {
  const username = body.text('username')
  if (username === undefined || username === '') throw invalid('username is required')
  const creator = call.world.creators.named(username)
  if (creator === null || creator.standing === 'gone') {
    throw invalid(`\`username: ${username}\` is invalid: cannot find the user`)
  }
  if (creator.standing === 'private') throw refuse(call, 403, `\`username: ${username}\` is private`)
  if (creator.standing === 'refused') throw refuse(call, 400, "API cannot return this user's information")
  return creator
}

interface Person {
  readonly creator: Creator
  readonly profile: Profile
  readonly call: Call
}

const FIELDS: FieldTable<Person> = {
  display_name: ({ profile }) => profile.displayName,
  bio_description: ({ profile }) => profile.bio,
  bio_url: ({ profile }) => profile.website ?? undefined,
  avatar_url: ({ creator, call }) => avatarOf(creator, call),
  is_verified: ({ profile }) => profile.verified,
  follower_count: ({ profile }) => profile.followers,
  following_count: ({ profile }) => profile.following,
  likes_count: ({ profile }) => profile.likes,
  video_count: ({ profile }) => profile.videos,
}

/** A link to the picture that ends in two days. */
export const avatarOf = ({ key }: Creator, { origin, now }: Call): string => {
  const expires = (Math.floor(now / DAY) + 2) * DAY
  const name = hash32(key, 'avatar').toString(16)
  return `${origin}/avatars/${name}.jpeg?x-expires=${expires}&x-signature=${hash32(key, expires).toString(36)}`
}

/** `/v2/research/user/info/`: live, without the name that was asked for. */
export const answerUserInfo = (call: Call): Reply => {
  const fields = readFields(call.request, FIELDS)
  const creator = requireUser(call, Body.ofJson(call.request))
  const person = { creator, profile: profileOf(creator, call.moment.at), call }
  return data(show(person, fields))
}
