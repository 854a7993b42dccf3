/** Texts whose colour stands out too little from what is behind them (WCAG AA). Runs in the page. */
;(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = parts => {
    const [r = 0, g = 0, b = 0] = parts.map(part => {
      const share = part / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = element => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return rgb(getComputedStyle(document.documentElement).backgroundColor)
  }
  return [...document.querySelectorAll('body *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent?.trim()))
    .filter(one => one.getClientRects().length > 0)
    .flatMap(one => {
      const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      return ratio < 4.5 ? [`${one.className} ${one.textContent?.slice(0, 30)}: ${ratio.toFixed(2)}`] : []
    })
})()
