/** What to set where a refusal is about who asks (docs/networks/instagram.md §1, §5). */

export const ASKER_ID =
  'SOCSYNC_INSTAGRAM_USER_ID is the numeric id of the Instagram professional account that asks (17841…), neither the ' +
  'id of its Page nor a name: `socsync auth status` prints it, GET /{page-id}?fields=instagram_business_account gives it'

export const NO_ASKER =
  'set SOCSYNC_INSTAGRAM_USER_ID to the numeric id of the Instagram professional account that asks: ' +
  '`socsync auth status` prints it'

export const NOT_GRANTED =
  'the account is not granted to this token: its owner chooses it, with the Page that it is linked to, when the app ' +
  'asks for permission; a system user has it assigned in the business settings'

export const FOR_OTHERS =
  'reading other accounts needs instagram_basic, instagram_manage_insights and pages_read_engagement (ads_management ' +
  'or ads_read too where the role on the Page comes from a business), and Advanced Access to each of them, for which ' +
  'the app passes business verification and App Review'

export const FOR_OWN =
  'reading an own account needs instagram_basic and pages_read_engagement, with Instagram Login instagram_business_basic'

export const NO_TESTER =
  'while the app has Standard Access alone, the account must be a tester of it: add it as one, or have the app reviewed'

export const PROOF = 'set SOCSYNC_INSTAGRAM_APP_SECRET to the secret of the app that the token belongs to'
