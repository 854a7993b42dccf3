import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Licence } from '../../export/deposit/deposit.ts'
import { quote } from '../config/quote.ts'

/** A licence by its identifier of SPDX, in any case of letters, or by its address. Throws BadInput. */
export const findLicence = async (text: string): Promise<Licence> => {
  if (/^https?:\/\/\S+$/i.test(text)) return { id: null, title: text, url: text }
  const { default: ids } = await import('spdx-license-ids/index.json', { with: { type: 'json' } })
  const id = ids.find(known => known.toLowerCase() === text.toLowerCase())
  if (id !== undefined) return { id, title: id, url: `https://spdx.org/licenses/${id}.html` }
  const meant = nearest(text, ids)
  throw new BadInput(
    `the licence ${quote(text)}, of --licence or of deposit in the config file, is not known`,
    {
      hint:
        meant === null
          ? 'allowed: an identifier of https://spdx.org/licenses such as CC-BY-4.0, or the address of a licence'
          : `did you mean ${meant}?`,
    },
  )
}
