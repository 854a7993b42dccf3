/** The tables of what a page brings, in the words of `tables.ts`. */

/** What every record table has: when it was first and last seen, and by which job and walk it was last written. */
export interface Written {
  first_seen_at: string
  fetched_at: string
  job_id: number
  walk_id: number
}

export interface ProfileTable extends Written {
  network: string
  id: string
  username: string | null
  name: string | null
  bio: string | null
  url: string | null
  website: string | null
  avatar_url: string | null
  verified: number | null
  country: string | null
  created_at: string | null
  followers_count: number | null
  following_count: number | null
  posts_count: number | null
  likes_count: number | null
  views_count: number | null
  language: string | null
  topics: string | null
  made_for_kids: number | null
  last_synced_at: string | null
  missing_since: string | null
  extra: string | null
}

export interface PostTable extends Written {
  network: string
  id: string
  profile_id: string
  kind: string | null
  title: string | null
  caption: string | null
  permalink: string | null
  created_at: string | null
  like_count: number | null
  comments_count: number | null
  view_count: number | null
  share_count: number | null
  save_count: number | null
  hashtags: string | null
  mentions: string | null
  tags: string | null
  category_id: string | null
  language: string | null
  audio_language: string | null
  voice_to_text: string | null
  region: string | null
  music_id: string | null
  effect_ids: string | null
  playlist_id: string | null
  stem_verified: number | null
  definition: string | null
  made_for_kids: number | null
  live_scheduled_at: string | null
  live_scheduled_end_at: string | null
  live_started_at: string | null
  live_ended_at: string | null
  shortcode: string | null
  product_type: string | null
  alt_text: string | null
  topics: string | null
  paid_promotion: number | null
  comments_reason: string | null
  comments_synced_at: string | null
  /** Whose credential its comments were refused to; null = they were not. */
  comments_refused_to: string | null
  /** What the network declared when its comments were last read to their end. */
  comments_declared: number | null
  /** How many were stored when they were last begun to be read again. */
  comments_stored: number | null
  /** The job that was given them to read last. */
  comments_job_id: number | null
  missing_since: string | null
  /** Since when whole walks have not brought it, and how many in a row. */
  absent_since: string | null
  absent_walks: number | null
  extra: string | null
}

export interface MediaTable extends Written {
  network: string
  post_id: string
  position: number
  id: string
  kind: string
  url: string | null
  thumbnail_url: string | null
  width: number | null
  height: number | null
  duration_ms: number | null
  alt_text: string | null
  missing_since: string | null
}

export interface CommentTable extends Written {
  network: string
  id: string
  post_id: string
  parent_id: string | null
  author_id: string | null
  author_name: string | null
  content: string | null
  like_count: number | null
  reply_count: number | null
  created_at: string | null
  updated_at: string | null
  /** What the network declared when its replies were last read. */
  replies_declared: number | null
  /** The line of walks that listed it last and left its further replies unread, since nothing had moved. */
  replies_left_by: number | null
  missing_since: string | null
  absent_since: string | null
  absent_walks: number | null
  extra: string | null
}

export interface LikeTable extends Written {
  network: string
  id: string
  post_id: string
  author_id: string
  created_at: string | null
}

export interface CollectionTable extends Written {
  network: string
  /** The key that a list names it by: `playlist:PL…`. */
  id: string
  kind: string
  profile_id: string | null
  title: string | null
  description: string | null
  url: string | null
  created_at: string | null
  items_count: number | null
  missing_since: string | null
  extra: string | null
}

export interface RelationTable extends Written {
  network: string
  id: string
  kind: string
  profile_id: string
  person_id: string
  person_name: string | null
  post_id: string | null
  created_at: string | null
  missing_since: string | null
}

export interface CollectionItemTable extends Written {
  network: string
  collection_id: string
  post_id: string
  position: number | null
  added_at: string | null
  missing_since: string | null
}
