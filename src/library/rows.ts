import type { ExportKind } from '../export/kinds.ts'

/**
 * What {@link Socsync.rows} gives: the columns of `socsync export`, one type per kind. Ids and moments are text, moments as
 * `2026-03-01T12:00:00.000Z`; a column that holds JSON (`extra`, `hashtags`, `result`, `cursor`, `scopes`) is its text, since decoding
 * would round long ids. Null = the network did not tell. docs/commands.md says what each means.
 */
export interface ProfileRow {
  readonly network: string
  readonly id: string
  readonly username: string | null
  readonly name: string | null
  readonly bio: string | null
  readonly url: string | null
  readonly website: string | null
  readonly avatar_url: string | null
  readonly verified: boolean | null
  readonly country: string | null
  readonly created_at: string | null
  readonly followers_count: number | null
  readonly following_count: number | null
  readonly posts_count: number | null
  readonly likes_count: number | null
  readonly views_count: number | null
  readonly language: string | null
  readonly topics: string | null
  readonly made_for_kids: boolean | null
  readonly extra: string | null
  readonly last_synced_at: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly stored_posts_count: number | null
  readonly posts_reason: string | null
}

export interface PostRow {
  readonly network: string
  readonly id: string
  readonly profile_id: string | null
  readonly kind: string | null
  readonly title: string | null
  readonly caption: string | null
  readonly permalink: string | null
  readonly created_at: string | null
  readonly like_count: number | null
  readonly comments_count: number | null
  readonly view_count: number | null
  readonly share_count: number | null
  readonly save_count: number | null
  readonly hashtags: string | null
  readonly mentions: string | null
  readonly tags: string | null
  readonly category_id: string | null
  readonly language: string | null
  readonly audio_language: string | null
  readonly voice_to_text: string | null
  readonly region: string | null
  readonly music_id: string | null
  readonly effect_ids: string | null
  readonly playlist_id: string | null
  readonly stem_verified: boolean | null
  readonly definition: string | null
  readonly made_for_kids: boolean | null
  readonly live_scheduled_at: string | null
  readonly live_scheduled_end_at: string | null
  readonly live_started_at: string | null
  readonly live_ended_at: string | null
  readonly shortcode: string | null
  readonly product_type: string | null
  readonly alt_text: string | null
  readonly topics: string | null
  readonly paid_promotion: boolean | null
  readonly extra: string | null
  readonly comments_reason: string | null
  readonly comments_synced_at: string | null
  readonly comments_refused_to: string | null
  readonly comments_declared: number | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly stored_comments_count: number | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface MediaRow {
  readonly network: string
  readonly post_id: string | null
  readonly position: number | null
  readonly id: string
  readonly kind: string | null
  readonly url: string | null
  readonly thumbnail_url: string | null
  readonly width: number | null
  readonly height: number | null
  readonly duration_ms: number | null
  readonly alt_text: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface CommentRow {
  readonly network: string
  readonly id: string
  readonly post_id: string | null
  readonly parent_id: string | null
  readonly author_id: string | null
  readonly author_name: string | null
  readonly content: string | null
  readonly like_count: number | null
  readonly reply_count: number | null
  readonly created_at: string | null
  readonly updated_at: string | null
  readonly extra: string | null
  readonly replies_declared: number | null
  readonly replies_left_by: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface LikeRow {
  readonly network: string
  readonly id: string
  readonly post_id: string | null
  readonly author_id: string | null
  readonly created_at: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface CollectionRow {
  readonly network: string
  readonly id: string
  readonly kind: string | null
  readonly profile_id: string | null
  readonly title: string | null
  readonly description: string | null
  readonly url: string | null
  readonly created_at: string | null
  readonly items_count: number | null
  readonly extra: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly stored_items_count: number | null
}

export interface ItemRow {
  readonly network: string
  readonly collection_id: string
  readonly post_id: string
  readonly position: number | null
  readonly added_at: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly collection_title: string | null
}

export interface MetricRow {
  readonly network: string
  readonly subject: string | null
  readonly subject_id: string | null
  readonly name: string | null
  readonly observed_at: string | null
  readonly value: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface EngagementRow {
  readonly network: string
  readonly post_id: string | null
  readonly profile_id: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly observed_at: string | null
  readonly followers_count: number | null
  readonly engagement: number | null
  readonly parts: string | null
}

export interface FlatRow {
  readonly network: string
  readonly profile_id: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly profile_url: string | null
  readonly profile_followers_count: number | null
  readonly post_id: string
  readonly post_permalink: string | null
  readonly kind: string | null
  readonly title: string | null
  readonly caption: string | null
  readonly created_at: string | null
  readonly like_count: number | null
  readonly comments_count: number | null
  readonly view_count: number | null
  readonly share_count: number | null
  readonly save_count: number | null
  readonly hashtags: string | null
  readonly mentions: string | null
  readonly language: string | null
  readonly product_type: string | null
  readonly media_count: number | null
  readonly stored_comments_count: number | null
  readonly engagement: number | null
  readonly engagement_parts: string | null
  readonly fetched_at: string | null
  readonly missing_since: string | null
}

export interface IdRow {
  readonly network: string
  readonly id: string
  readonly kind: string | null
  readonly profile_id: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly post_id: string | null
  readonly post_permalink: string | null
  readonly collection_title: string | null
  readonly status: string | null
  readonly reason: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly missing_since: string | null
  readonly job_id: number | null
  readonly run_id: number | null
  readonly first_asked_at: string | null
  readonly asked_at: string | null
}

export interface TransformRow {
  readonly network: string
  readonly element_kind: string | null
  readonly element_id: string | null
  readonly post_id: string | null
  readonly transform: string | null
  readonly version: string | null
  readonly status: string | null
  readonly external_job_id: string | null
  readonly result: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly attempts: number | null
  readonly polls: number | null
  readonly next_poll_at: string | null
  readonly queued_at: string | null
  readonly submitted_at: string | null
  readonly finished_at: string | null
}

export interface JobRow {
  readonly id: number
  readonly run_id: number | null
  readonly network: string
  readonly entity_id: string | null
  readonly profile_id: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
  readonly status: string | null
  readonly reason: string | null
  readonly error_type: string | null
  readonly error_message: string | null
  readonly previous_job_id: number | null
  readonly reading_id: number | null
  readonly cursor: string | null
  readonly scopes: string | null
  readonly created_at: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly not_before: string | null
  readonly trace_id: string | null
}

export interface TaskRow {
  readonly id: number
  readonly job_id: number | null
  readonly network: string
  readonly kind: string | null
  readonly external_id: string | null
  readonly post_id: string | null
  readonly part: string | null
  readonly status: string | null
  readonly reason: string | null
  readonly reasons: string | null
  readonly attempts: number | null
  readonly pages: number | null
  readonly items: number | null
  readonly new_items: number | null
  readonly expected: number | null
  readonly error_type: string | null
  readonly last_error: string | null
  readonly last_synced_at: string | null
  readonly not_before: string | null
  readonly failing_since: string | null
  readonly failed_runs: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface RelationRow {
  readonly network: string
  readonly id: string
  readonly kind: string | null
  readonly profile_id: string | null
  readonly person_id: string | null
  readonly person_name: string | null
  readonly post_id: string | null
  readonly created_at: string | null
  readonly missing_since: string | null
  readonly first_seen_at: string | null
  readonly fetched_at: string | null
  readonly job_id: number | null
  readonly post_permalink: string | null
  readonly profile_username: string | null
  readonly profile_name: string | null
}

export interface RowTypes {
  readonly profiles: ProfileRow
  readonly posts: PostRow
  readonly media: MediaRow
  readonly comments: CommentRow
  readonly likes: LikeRow
  readonly collections: CollectionRow
  readonly items: ItemRow
  readonly relations: RelationRow
  readonly metrics: MetricRow
  readonly engagement: EngagementRow
  readonly flat: FlatRow
  readonly ids: IdRow
  readonly transforms: TransformRow
  readonly jobs: JobRow
  readonly tasks: TaskRow
}

export type RowKind = ExportKind
