/** Texts of a chart that lie over one another, or leave the page. Runs in the page. */
;[...document.querySelectorAll('svg.chart')].flatMap(chart => {
  const texts = [...chart.querySelectorAll('text')]
    .map(text => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && box.height > 0)
  const name = chart.querySelector('title').textContent
  return texts.flatMap(({ text, box }, n) => [
    // A line's box is higher than its letters.
    ...texts
      .slice(n + 1)
      .filter(
        ({ box: other }) =>
          box.left < other.right - 1 &&
          other.left < box.right - 1 &&
          box.top < other.bottom - 3 &&
          other.top < box.bottom - 3,
      )
      .map(({ text: other }) => `${name}: “${text}” and “${other}”`),
    ...(box.left < 0 || box.right > innerWidth ? [`${name}: “${text}” leaves the page`] : []),
  ])
})
