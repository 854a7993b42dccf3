/** What can be used or read and has no name for a screen reader. Runs in the page. */
;[...document.querySelectorAll('button, input, select, textarea, dialog, section, table th')]
  .filter(one => !one.hidden)
  .filter(one => {
    const labels = [...(one.labels ?? [])]
    return !(
      one.textContent.trim() ||
      one.ariaLabel ||
      one.getAttribute('aria-labelledby') ||
      labels.length > 0
    )
  })
  .map(one => one.outerHTML.slice(0, 80))
