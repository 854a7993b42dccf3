import type { Network } from '../contract.ts'

/** Where the things that were asked for stand in `data`. */
const LISTS = [
  'user',
  'videos',
  'comments',
  'user_liked_videos',
  'pinned_videos_list',
  'reposted_videos',
] as const

/** Of followers and following no fields are named (docs/networks/tiktok.md §3.5). */
const PERSON = { username: true, display_name: true } as const

/** Of a playlist none either (docs/networks/tiktok.md §3.6). */
const PLAYLIST = {
  playlist_id: true,
  playlist_name: true,
  playlist_item_total: true,
  playlist_last_updated: true,
  playlist_video_ids: true,
} as const

/** TikTok gives the fields that a request names, and no others (docs/networks/tiktok.md §2). */
export const describe: Network['describe'] = ({ fields }) => {
  const names = Array.isArray(fields) ? fields.filter(name => typeof name === 'string') : []
  const named = Object.fromEntries(names.map(name => [name, true as const]))
  return {
    data: {
      cursor: true,
      has_more: true,
      search_id: true,
      ...Object.fromEntries(LISTS.map(list => [list, named])),
      ...PLAYLIST,
      user_followers: PERSON,
      user_following: PERSON,
    },
    error: { code: true, message: true, log_id: true },
  }
}
