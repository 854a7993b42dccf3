const CONSOLE = 'Google Cloud console → APIs & Services'

/** What to set in the console or here, by what is wrong (docs/networks/youtube.md §9). */
export const ADVICE = {
  disabled: `enable "YouTube Data API v3" in the project of this key (${CONSOLE} → Library) and wait a few minutes`,
  service: `let the key call "YouTube Data API v3" (${CONSOLE} → Credentials → the key → API restrictions)`,
  referrer: `take the restriction to websites from the key, as socsync sends no referer (${CONSOLE} → Credentials → the key → Application restrictions → IP addresses or None)`,
  address: `add the address of this machine to those that the key may be used from (${CONSOLE} → Credentials → the key → Application restrictions → IP addresses)`,
  application: `take the restriction to addresses, websites or apps from the key (${CONSOLE} → Credentials → the key → Application restrictions)`,
  unregistered: `set SOCSYNC_YOUTUBE_API_KEY to a key of a project (${CONSOLE} → Credentials); where it is set, something in between drops the header x-goog-api-key`,
  permission:
    'make the refresh token anew with the permission youtube.force-ssl (with youtube.readonly all but comments can be read)',
  html: 'that is no answer of the API: see whether a proxy or firewall refuses this machine the way to youtube.googleapis.com, or Google its address',
  refused: `see which restrictions the key has (${CONSOLE} → Credentials), and whether its project may still use the API`,
} as const
