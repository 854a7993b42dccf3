/** What lets a client in: invented, the same for every seed, worthless elsewhere. */
export const RESEARCH = {
  SOCSYNC_TIKTOK_CLIENT_KEY: 'sbawsandboxkey00',
  SOCSYNC_TIKTOK_CLIENT_SECRET: 'sandbox-client-secret-of-the-research-client',
} as const

/** A user's tokens, alive since the sandbox was opened; they are for the same application. */
export const DISPLAY = {
  SOCSYNC_TIKTOK_ACCESS_TOKEN: 'act.sandbox-access-token-of-one-user',
  SOCSYNC_TIKTOK_REFRESH_TOKEN: 'rft.sandbox-refresh-token-of-one-user',
} as const

/** The user who gave {@link DISPLAY}, by index: `ada.bakes`. */
export const DISPLAY_CREATOR = 0
