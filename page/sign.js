import { h } from './dom.js'

/** What networks are called: `youtube` → `YouTube`; filled as soon as the API has told. */
const titles = new Map()

export const knowNetworks = networks => {
  for (const { name, title } of networks) titles.set(name, title)
}

export const titleOf = network => titles.get(network) ?? network

export const drawSign = network => h('span', { className: 'sign' }, titleOf(network))

/** What a profile is called: the name in its address, the one that is shown, or what it was asked by. */
export const calledOf = ({ username, name, entity_id }) => username || name || entity_id

/** What is beside that: the other name, and the id where it says more. */
export const besideOf = profile => {
  const { name, profile_id, entity_id } = profile
  const called = calledOf(profile)
  return [...new Set([name, profile_id ?? entity_id])].filter(text => text && text !== called)
}
