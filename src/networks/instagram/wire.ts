import type { Json } from '../../core/json.ts'

/**
 * What the Instagram Graph API puts on the wire (docs/networks/instagram.md §4 to §6, §8, §10). A field that has no value is
 * left out, never null, so nearly all are optional. Ids are decimal strings; counts are JSON integers; times look
 * like `2024-01-31T18:05:09+0000`.
 */
export interface WireUser {
  readonly id: string
  /** Instagram Login only: the account's id, where `id` is one that is scoped to the app (docs/networks/instagram.md §1). */
  readonly user_id?: string
  readonly username?: string
  readonly name?: string
  readonly account_type?: string
  readonly biography?: string
  readonly website?: string
  readonly profile_picture_url?: string
  readonly followers_count?: number
  readonly follows_count?: number
  readonly media_count?: number
  /** A JSON integer here, a string of 19 digits on media (docs/networks/instagram.md §4). */
  readonly ig_id?: number
  readonly legacy_instagram_user_id?: string
  readonly has_profile_pic?: boolean
  readonly is_published?: boolean
  readonly media?: WireEdge<WireMedia>
  readonly business_discovery?: WireUser
}

export interface WireMedia {
  readonly id: string
  readonly media_type?: 'IMAGE' | 'VIDEO' | 'CAROUSEL_ALBUM' | 'BROADCAST'
  readonly media_product_type?: 'FEED' | 'REELS' | 'STORY' | 'AD' | 'IGTV' | 'LIVE'
  readonly caption?: string
  readonly timestamp?: string
  readonly permalink?: string
  readonly shortcode?: string
  readonly username?: string
  /** Absent where the owner hides it (docs/networks/instagram.md §6). */
  readonly like_count?: number
  /** With replies (docs/networks/instagram.md §6). */
  readonly comments_count?: number
  /** Signed and short-lived, another one at every read: never identity or a sign of change (docs/networks/instagram.md §4). */
  readonly media_url?: string
  readonly thumbnail_url?: string
  readonly is_comment_enabled?: boolean
  readonly is_shared_to_feed?: boolean
  readonly is_ai_generated?: boolean
  readonly alt_text?: string
  readonly media_audio_type?: string
  /** Reels of others only, and only through business discovery (docs/networks/instagram.md §5). */
  readonly view_count?: number
  readonly reposts_count?: number
  readonly saved_count?: number
  readonly shares_count?: number
  readonly total_like_count?: number
  readonly total_comments_count?: number
  readonly total_views_count?: number
  readonly owner?: { readonly id: string }
  readonly children?: { readonly data: readonly WireMedia[] }
  readonly comments?: WireEdge<WireComment>
}

export interface WireComment {
  readonly id: string
  /** Absent for a GIF or photo comment (docs/networks/instagram.md §6). */
  readonly text?: string
  readonly timestamp?: string
  readonly username?: string
  readonly from?: { readonly id: string; readonly username?: string }
  /** Only where the token's own account wrote it. */
  readonly user?: { readonly id: string }
  readonly like_count?: number
  readonly hidden?: boolean
  readonly parent_id?: string
  readonly media?: { readonly id: string; readonly media_product_type?: string }
  readonly replies?: WireEdge<WireComment>
}

/** A list under a node, or a whole answer. `paging` is missing on some last pages (docs/networks/instagram.md §8). */
export interface WireEdge<T> {
  readonly data: readonly T[]
  readonly paging?: WirePaging
}

export interface WirePaging {
  readonly cursors?: { readonly before?: string; readonly after?: string }
  /** Absolute, and with the access token in it (docs/networks/instagram.md §8). Never on business discovery. */
  readonly next?: string
  readonly previous?: string
}

/** The envelope of every refusal (docs/networks/instagram.md §10); branch on `code` and `error_subcode`, the texts beside them are localised. */
export interface WireError {
  readonly message: string
  readonly type?: string
  readonly code: number
  readonly error_subcode?: number
  readonly error_data?: Json
  readonly error_user_title?: string
  readonly error_user_msg?: string
  readonly is_transient?: boolean
  readonly fbtrace_id?: string
}
