/** The page's style: the reader's own light or dark, nothing fetched. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1d2126; --muted: #626b75; --line: #d9dde1; --accent: #1f6fb2;
  --box: #a9cbe8; --good: #1b7f4b; --bad: #b3362c; }
@media (prefers-color-scheme: dark) { :root { --paper: #16191d; --ink: #e4e7ea; --muted: #98a2ad; --line: #343b43;
  --accent: #6fb4ea; --box: #2f5777; --good: #63c493; --bad: #ee8279; } }
body { margin: 2rem auto; padding: 0 1.25rem; max-width: 66rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; } p { margin: .25rem 0 .75rem; } .muted, caption { color: var(--muted); }
.warning { border-left: 3px solid var(--bad); padding-left: .75rem; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; font: 13px system-ui, sans-serif; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; } td small { color: var(--muted); }
td.text { overflow-wrap: break-word; max-width: 40rem; } td.id { overflow-wrap: break-word; max-width: 12rem; } .good { color: var(--good); } .bad { color: var(--bad); }
summary { cursor: pointer; } details { margin: .75rem 0; }
text { fill: var(--ink); } text.tick, text.axis { fill: var(--muted); } .grid { stroke: var(--line); }
.whisker { stroke: var(--accent); stroke-width: 2; } .faint { opacity: .45; } .mark { fill: var(--accent); }
.translucent { opacity: .75; } .box { fill: var(--box); stroke: var(--accent); } .median { stroke: var(--ink); stroke-width: 2; }
`;
