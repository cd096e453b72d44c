export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #12161a);
  --side: light-dark(#f5f7f5, #171c21);
  --line: light-dark(#dfe5e0, #2b343b);
  --ink: light-dark(#1b241f, #e4eae6);
  --quiet: light-dark(#55635b, #9aa8a0);
  --accent: light-dark(#15703f, #62d394);
  --code: light-dark(#eef2ef, #1e252b);
  --problem: light-dark(#a3341b, #ff9d82);
  --get: light-dark(#1558a8, #7db8ff);
  --post: light-dark(#15703f, #62d394);
  --put: light-dark(#8a5a00, #f0bd5b);
  --delete: light-dark(#a3341b, #ff9d82);
}
* { box-sizing: border-box }
html { scroll-padding-top: 1.5rem; scroll-behavior: smooth }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, 'Noto Sans', 'Noto Sans CJK KR', sans-serif; display: grid; grid-template-columns: 19rem minmax(0, 1fr) }
code, pre { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace; font-size: 0.86em }
code { background: var(--code); border-radius: 4px; padding: 0.1em 0.35em }
a { color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px }
[hidden] { display: none !important }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem 1rem; z-index: 2 }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
aside { background: var(--side); border-right: 1px solid var(--line); height: 100vh; position: sticky; top: 0; overflow-y: auto; padding: 1.5rem 1.25rem }
aside .title { display: flex; justify-content: space-between; align-items: center; font-weight: 700; font-size: 1.1rem; margin: 0 0 1rem }
aside input { width: 100%; font: inherit; font-size: 0.9rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.6rem }
button { font: inherit; font-size: 0.8rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.15rem 0.6rem; cursor: pointer }
button:hover { border-color: var(--accent) }
nav h2 { font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--quiet); margin: 1.4rem 0 0.3rem }
nav ul { list-style: none; margin: 0; padding: 0 }
nav a { display: flex; gap: 0.6rem; align-items: baseline; padding: 0.22rem 0.4rem; margin: 0 -0.4rem; border-radius: 6px; color: inherit; text-decoration: none; font-size: 0.9rem; line-height: 1.35 }
nav a:hover { background: var(--code) }
nav .method { flex: 0 0 3.4rem }
main { padding: 2rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 62rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.3rem }
main > section > h2 { font-size: 1.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.4rem; margin: 3.5rem 0 0.8rem }
.operation { border: 1px solid var(--line); border-radius: 10px; padding: 1.2rem 1.4rem 1.4rem; margin: 1.5rem 0 }
.operation:target { border-color: var(--accent) }
h3 { font-size: 1rem; margin: 0; display: flex; gap: 0.7rem; align-items: baseline }
h3 .path { background: none; padding: 0; font-size: 0.95rem; overflow-wrap: anywhere }
h4 { font-size: 0.78rem; letter-spacing: 0.05em; text-transform: uppercase; color: var(--quiet); margin: 1.5rem 0 0.5rem }
p { margin: 0.5rem 0 }
.summary { font-size: 1.2rem; font-weight: 650; margin: 0.35rem 0 }
.anchor { text-decoration: none; opacity: 0 }
.operation:hover .anchor, .anchor:focus { opacity: 1 }
.method { font-size: 0.72rem; font-weight: 700; letter-spacing: 0.03em }
.get { color: var(--get) } .post { color: var(--post) } .put, .patch { color: var(--put) } .delete { color: var(--delete) }
.tag { font-size: 0.74rem; border: 1px solid var(--line); border-radius: 99px; padding: 0.06rem 0.55rem; color: var(--quiet); white-space: nowrap }
.tag.locked, .tag.required { color: var(--accent); border-color: currentColor }
.note { color: var(--quiet); font-size: 0.86rem }
.type { color: var(--quiet); font-size: 0.86rem }
.limit { color: var(--quiet); font-size: 0.82rem; overflow-wrap: anywhere }
.words code { font-size: 0.78em; margin-right: 0.15rem; display: inline-block }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem }
th code { white-space: nowrap; overflow-wrap: normal }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.8rem 0.4rem 0; border-top: 1px solid var(--line); font-weight: 400 }
thead th { border: 0; color: var(--quiet); font-size: 0.82rem }
details > summary { cursor: pointer; padding: 0.2rem 0; color: var(--accent); font-size: 0.9rem }
details.response { border-top: 1px solid var(--line); padding: 0.25rem 0 }
details.response > summary { color: inherit; font-size: 1rem }
.status { font-weight: 700; font-family: ui-monospace, Menlo, 'DejaVu Sans Mono', monospace; font-size: 0.9rem; margin-right: 0.5rem; color: var(--accent) }
.problem .status { color: var(--problem) }
.reasons { color: var(--quiet); font-size: 0.86rem }
details.response[open] { padding-bottom: 0.8rem }
details.response > :not(summary) { margin-left: 1.1rem }
ul { padding-left: 1.2rem; margin: 0.4rem 0 }
.headers { font-size: 0.9rem }
.fields { list-style: none; padding: 0; margin: 0.4rem 0 0.4rem 0.3rem; border-left: 2px solid var(--line) }
.fields li { padding: 0.4rem 0 0.4rem 0.9rem }
.field .name { font-weight: 650; background: none; padding: 0; font-size: 0.9rem }
.meaning { color: var(--quiet); font-size: 0.92rem }
.choice { border: 1px dashed var(--line); border-radius: 8px; padding: 0 0.8rem; margin: 0.5rem 0 }
.example { margin: 0.7rem 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden }
.example figcaption { display: flex; justify-content: space-between; align-items: center; gap: 1rem; font-size: 0.85rem; color: var(--quiet); background: var(--side); padding: 0.35rem 0.8rem }
.example pre { margin: 0; padding: 0.8rem; overflow-x: auto; max-height: 26rem; background: var(--code); line-height: 1.45 }
.example pre code { background: none; padding: 0 }
.schema { border-top: 1px solid var(--line); padding: 0.3rem 0 }
@media (max-width: 56rem) {
  body { display: block }
  aside { position: static; height: auto; max-height: 60vh; border-right: 0; border-bottom: 1px solid var(--line) }
  .operation { padding: 1rem }
}
@media print { aside { display: none } body { display: block } .example pre { max-height: none } }
`
