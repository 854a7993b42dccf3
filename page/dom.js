/**
 * An element: `h('button', { type: 'button', onclick }, 'Resume')`. Text is always text, so that what somebody wrote
 * in a caption or a name can never become markup.
 */
export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children)

const SVG = 'http://www.w3.org/2000/svg'
export const s = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children)

const fill = (element, props, children) => {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name === 'className' ? 'class' : name, value === true ? '' : String(value))
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false))
  return element
}

export const byId = id => document.getElementById(id)

/**
 * Makes the children of `parent` those of `items`, in their order, keeping the elements of what has not changed: the
 * focus stays where it is, and a screen reader is not told again what it has read.
 */
export const keyed = (parent, items, keyOf, draw) => {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]))
  let place = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const state = JSON.stringify(item)
    let element = old.get(key)
    old.delete(key)
    if (element === undefined || element.dataset.state !== state) {
      const drawn = draw(item)
      drawn.dataset.key = key
      drawn.dataset.state = state
      if (element !== undefined) {
        const focused = element.contains(document.activeElement) ? document.activeElement.dataset.focus : null
        if (place === element) place = drawn
        element.replaceWith(drawn)
        if (focused) drawn.querySelector(`[data-focus="${focused}"]`)?.focus()
      }
      element = drawn
    }
    if (element === place) place = place.nextElementSibling
    else parent.insertBefore(element, place)
  }
  for (const gone of old.values()) gone.remove()
}
