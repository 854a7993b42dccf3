import { h } from './dom.js'

/** What networks are called: `youtube` → `YouTube`; filled as soon as the API has told. */
const titles = new Map()

export const knowNetworks = networks => {
  for (const { name, title } of networks) titles.set(name, title)
}

export const titleOf = network => titles.get(network) ?? network

export const drawSign = network => h('span', { className: 'sign' }, titleOf(network))

/** Whether a key of a list is a profile's; of all else it says so by a word and a colon. */
export const isOfProfile = entityId => !entityId.includes(':')

/** What a profile is called: the name in its address, the one that is shown, or what it was asked by; all else by its title. */
export const calledOf = ({ username, name, entity_id }) =>
  (isOfProfile(entity_id) ? username || name : name) || entity_id

/** What is beside that: the other name, and the id where it says more; of all else whose it is, and what a list names it by. */
export const besideOf = profile => {
  const { username, name, profile_id, entity_id } = profile
  const called = calledOf(profile)
  const beside = isOfProfile(entity_id) ? [name, profile_id ?? entity_id] : [username, entity_id]
  return [...new Set(beside)].filter(text => text && text !== called)
}
