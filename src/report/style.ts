/** How the page looks: by day, by night, on paper, and on a phone. Colours of lines are told apart by their dashes, too. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #fff; --text: #1b1f24; --soft: #56606b; --rule: #d5dae0; --shade: #f4f6f8; --link: #0b5cad;
  --series-0: #0b62b5; --series-1: #b3470b; --series-2: #0b7a53; --series-3: #9c2a7a;
  --series-4: #7a5c00; --series-5: #5b3fc4; --series-6: #b3212d; --series-7: #42505c }
@media (prefers-color-scheme: dark) { :root {
  --page: #14181d; --text: #e8ebee; --soft: #a7b1bb; --rule: #3a434d; --shade: #1d232a; --link: #8ec2ff;
  --series-0: #6cb2ff; --series-1: #ff9a5c; --series-2: #4fd1a1; --series-3: #f08bd0;
  --series-4: #e0bd4a; --series-5: #b29bff; --series-6: #ff8087; --series-7: #b8c4cf } }
@media print { :root { color-scheme: light;
  --page: #fff; --text: #000; --soft: #444; --rule: #bbb; --shade: #f4f4f4; --link: #000;
  --series-0: #0b62b5; --series-1: #b3470b; --series-2: #0b7a53; --series-3: #9c2a7a;
  --series-4: #7a5c00; --series-5: #5b3fc4; --series-6: #b3212d; --series-7: #42505c } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 72rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans Thai", sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule) }
h3 { font-size: 1.05rem; line-height: 1.3; margin: 0 }
h3 small, td small, th small, .legend small { color: var(--soft); font-weight: 400 }
p { margin: .25rem 0 .75rem; max-width: 46rem }
a { color: var(--link) }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 1rem 0 0; padding: 0 }
nav a { display: inline-block; padding: .25rem 0 }
.note, figcaption p { color: var(--soft); font-size: .9rem }
.made-up { border: 2px solid currentColor; padding: .5rem .75rem; max-width: none }
figure { margin: 1.5rem 0 }
figcaption { margin-bottom: .5rem }
figcaption p { margin: .15rem 0 0 }
.chart { display: block; width: 100%; height: auto; overflow: visible }
.chart text { white-space: pre }
.on-phone { display: none }
@media (max-width: 40rem) { .on-phone { display: block } .on-wide { display: none } h1 { font-size: 1.4rem } }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18.5rem), 1fr)); gap: 1.75rem 1.5rem; margin: 1.5rem 0 }
.card { margin: 0; min-width: 0 }
.legend { list-style: none; margin: .5rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem }
.legend li { display: flex; align-items: center; gap: .4rem; min-width: 0 }
.legend svg { flex: none; width: 28px; height: 10px }
details { margin-top: .5rem; font-size: .9rem }
summary { cursor: pointer; color: var(--soft) }
.wide-table { overflow-x: auto; margin: 1rem 0 1.5rem; max-width: 100% }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal }
table { min-width: min(100%, 28rem) }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400 }
thead th { color: var(--soft); vertical-align: bottom }
tbody th { min-width: 8rem; max-width: 22rem; overflow-wrap: anywhere }
td { min-width: 2rem; max-width: 22rem }
bdi { overflow-wrap: anywhere }
td.long { min-width: 11rem }
td:has(bdi) { min-width: 8rem }
td.number, th.number { text-align: right }
td.number, td.day { white-space: nowrap }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .9rem }
@page { margin: 15mm }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt }
  nav, details { display: none }
  h2, h3, caption { break-after: avoid }
  figure, .card, tr { break-inside: avoid }
  .cards { grid-template-columns: repeat(2, 1fr) }
  .wide-table { overflow: visible }
  table { font-size: 7.5pt; width: 100% }
  th, td { padding-right: .4rem; min-width: 0 }
  tbody th { min-width: 0 }
  td.number { white-space: normal } td.long, td:has(bdi) { min-width: 4.5em }
  .on-phone { display: none } .on-wide { display: block }
  a { text-decoration: none }
}
`
