import type { Ability } from '../contract.ts'

/** docs/networks/instagram.md §2, §9, §11. */
export const abilitiesOf = (credential: string): readonly Ability[] => [
  {
    what: 'profile',
    credential,
    gives: 'whole',
    price:
      '1 call, which brings the newest 50 posts too; of own accounts 1 for the insights of a day, 4 a week for demographics',
    cap: 'insights of 90 days',
    delay: 'insights up to 48 h',
    note: 'own accounts by id, name or `me`, and of these with `--lists tagged` who tags them, 1 call for 50; other professional accounts by username, with a Facebook Login token and its user id',
  },
  {
    what: 'posts',
    credential,
    gives: 'whole',
    price: '1 call for 50 posts; of own accounts 1 for the insights of 25, and 1 for the stories',
    cap: 'of own accounts the newest 10,000, and the stories of 24 hours',
    delay: 'insights up to 48 h',
    note: 'with media; insights of own accounts alone',
  },
  {
    what: 'comments',
    credential,
    gives: 'part',
    price: '1 call for 50 comments beyond those that come with their post',
    cap: null,
    delay: null,
    note: 'of own accounts, with replies; of others only how many there are',
  },
  {
    what: 'likes',
    credential,
    gives: 'counts only',
    price: null,
    cap: null,
    delay: null,
    note: 'who liked is never told, nor how many where the owner hides it',
  },
  {
    what: 'posts by id',
    credential,
    gives: 'part',
    price: '1 call a post, 50 in a request; 1 for the insights of 25, and 1 an hour for their account',
    cap: null,
    delay: 'insights up to 48 h',
    note: 'of own accounts alone, by the numeric id; an address does not say it',
  },
  {
    what: 'tags',
    credential,
    gives: 'part',
    price: '1 call for the top 50, and 1 for each 50 of the last 24 hours; on the first night 1 for its id',
    cap: '30 hashtags in 7 days for each account that asks',
    delay: null,
    note: 'with a Facebook Login token and its user id; which posts, but not whose they are: the collection holds their ids, and there are no rows of posts',
  },
]
