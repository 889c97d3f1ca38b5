/** How every page looks: those of `--format html`, of `report` and of `console`. */

export const LOOK = `
:root {
  color-scheme: light dark;
  --page: #ffffff;
  --card: #f7f8fa;
  --text: #1b1f24;
  --faint: #57606a;
  --rule: #d0d7de;
  --link: #0b57a4;
  --good: #0a6b36;
  --warn: #8a4b00;
  --bad: #b3151f;
  --free: #2c7fb8;
  --busy: #b8660a;
  --full: #a3117a;
  --unknown: #8b949e;
  --track: #e1e5ea;
  --band: #2c7fb81f;
  --line-1: #1f6fb0;
  --line-2: #b8660a;
  --line-3: #a3117a;
  --line-4: #0a6b36;
  --line-5: #5b4bb5;
  --line-6: #57606a;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not([data-printing]) {
    --page: #0f1318;
    --card: #171c23;
    --text: #e8ebef;
    --faint: #a3adb8;
    --rule: #353d47;
    --link: #79b8ff;
    --good: #56d080;
    --warn: #f0b45a;
    --bad: #ff8a8f;
    --free: #58a6d8;
    --busy: #e8a33d;
    --full: #f07ad0;
    --unknown: #8b949e;
    --track: #2a313a;
    --band: #58a6d82e;
    --line-1: #6cb6f0;
    --line-2: #e8a33d;
    --line-3: #f07ad0;
    --line-4: #56d080;
    --line-5: #b3a6ff;
    --line-6: #a3adb8;
  }
}
* {
  box-sizing: border-box;
}
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font:
    16px/1.5 system-ui,
    sans-serif;
  overflow-wrap: anywhere;
}
h1,
h2,
h3,
h4,
p {
  margin: 0;
}
h1 {
  font-size: 1.35rem;
}
h2 {
  font-size: 1.25rem;
  margin-bottom: 0.75rem;
}
h3 {
  font-size: 1.05rem;
  overflow-wrap: anywhere;
}
h4 {
  font-size: 0.95rem;
  margin: 0.75rem 0 0.25rem;
}
a {
  color: var(--link);
}
:focus-visible {
  outline: 3px solid var(--link);
  outline-offset: 2px;
}
h2:focus {
  outline: none;
}
.skip {
  position: absolute;
  left: -100vw;
  background: var(--page);
  padding: 0.5rem 1rem;
}
.skip:focus {
  left: 0.5rem;
  top: 0.5rem;
  z-index: 1;
}
.top,
main,
footer {
  padding: 0.75rem clamp(0.75rem, 2vw, 2.5rem);
}
.top {
  border-bottom: 1px solid var(--rule);
}
.heading p,
.faint,
.empty,
footer {
  color: var(--faint);
}
nav ul {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.5rem;
  list-style: none;
  margin: 0.75rem 0 0;
  padding: 0;
}
nav a {
  display: block;
  padding: 0.35rem 0.7rem;
  border-radius: 6px;
  text-decoration: none;
}
nav a[aria-current] {
  background: var(--text);
  color: var(--page);
}
.count {
  display: inline-block;
  min-width: 1.4em;
  padding: 0 0.35em;
  border-radius: 1em;
  background: var(--warn);
  color: var(--page);
  font-size: 0.8rem;
  text-align: center;
}
.trouble {
  border: 1px solid var(--bad);
  border-radius: 8px;
  padding: 0.5rem 0.9rem;
  margin-bottom: 1rem;
}
.controls {
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  gap: 0.75rem 1.25rem;
  margin-bottom: 0.75rem;
}
.controls label {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 0.2rem;
  max-width: 100%;
  min-width: 0;
}
.controls input,
.controls select {
  height: 2.4rem;
}
input,
select,
button {
  font: inherit;
  color: inherit;
  background: var(--page);
  border: 1px solid var(--faint);
  border-radius: 6px;
  padding: 0.35rem 0.6rem;
  max-width: 100%;
}
button {
  margin-top: 1rem;
  cursor: pointer;
}
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1.25rem;
  list-style: none;
  margin: 0 0 0.75rem;
  padding: 0;
  font-size: 0.875rem;
  color: var(--faint);
}
.key {
  display: inline-block;
  width: 1.5rem;
  height: 0.6rem;
  border-radius: 2px;
}
.key.free {
  background: var(--free);
}
.key.busy {
  background: var(--busy);
}
.key.full {
  background: var(--full);
}
.key.good {
  background: var(--good);
}
.key.bad {
  background: var(--bad);
}
.key.unknown {
  background: var(--unknown);
}
.cards {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr));
  gap: 0.9rem;
}
.card {
  background: var(--card);
  border: 1px solid var(--rule);
  border-radius: 8px;
  padding: 0.75rem 0.9rem;
  min-width: 0;
}
.card.wide {
  margin-bottom: 0.9rem;
}
.card header {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0.25rem 0.75rem;
  margin-bottom: 0.4rem;
}
.edge-create {
  border-left: 5px solid var(--good);
}
.edge-update,
.edge-adopt {
  border-left: 5px solid var(--warn);
}
.edge-delete,
.edge-bad {
  border-left: 5px solid var(--bad);
}
.badge {
  font-size: 0.875rem;
  overflow-wrap: anywhere;
}
.badge.good {
  color: var(--good);
}
.badge.warn {
  color: var(--warn);
}
.badge.bad,
p.bad {
  color: var(--bad);
}
.badge.quiet {
  color: var(--faint);
}
.drawing {
  display: grid;
  grid-template-columns: 128px minmax(0, 1fr);
  gap: 0.6rem;
}
.drawing ol {
  list-style: none;
  margin: 0;
  padding: 0;
}
.drawing li {
  height: 64px;
  display: grid;
  align-content: center;
  line-height: 1.3;
}
.drawing strong,
.drawing b,
.drawing span {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.drawing b,
.drawing span {
  font-size: 0.825rem;
  line-height: 1.25;
}
.drawing b {
  font-weight: 500;
}
.entry {
  fill: var(--text);
}
.entry-text {
  fill: var(--page);
  font-size: 13px;
}
.way {
  fill: none;
}
.way.free {
  stroke: var(--free);
}
.way.busy {
  stroke: var(--busy);
}
.way.full {
  stroke: var(--full);
}
.way.unknown {
  stroke: var(--unknown);
}
.way.later {
  stroke-opacity: 0.4;
}
.way.fallback {
  stroke-dasharray: 6 5;
}
.scrolling {
  overflow-x: auto;
  max-width: 100%;
}
table {
  border-collapse: collapse;
  font-size: 0.925rem;
}
th,
td {
  text-align: left;
  vertical-align: top;
  padding: 0.35rem 0.75rem 0.35rem 0;
  border-bottom: 1px solid var(--rule);
  overflow-wrap: anywhere;
}
td,
tbody th {
  min-width: 4.5rem;
  max-width: 34rem;
}
tbody th {
  font-weight: 600;
  min-width: 8rem;
}
thead th {
  vertical-align: bottom;
  overflow-wrap: normal;
}
thead .number {
  white-space: normal;
}
table + h3,
.scrolling + h3,
.timeline + h3,
button + h3 {
  margin-top: 1rem;
}
.scrolling {
  margin-bottom: 0.75rem;
}
main > p,
section > p {
  margin-bottom: 0.75rem;
}
.number {
  text-align: right;
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.severity-2 th {
  border-left: 5px solid var(--bad);
  padding-left: 0.5rem;
}
.severity-1 th {
  border-left: 5px solid var(--warn);
  padding-left: 0.5rem;
}
.id {
  font-family: ui-monospace, monospace;
  font-size: 0.8rem;
  color: var(--faint);
  overflow-wrap: anywhere;
}
.track {
  fill: var(--track);
}
.filled,
.after {
  fill: var(--free);
}
.filled.busy {
  fill: var(--busy);
}
.filled.full {
  fill: var(--full);
}
.before {
  fill: var(--unknown);
}
.range {
  stroke: var(--text);
  stroke-width: 2;
}
.bars {
  margin: 0.5rem 0;
}
.bars svg {
  width: min(100%, 30rem);
  height: auto;
}
.lines {
  list-style: none;
  margin: 0.4rem 0;
  padding: 0;
}
.pair {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 1rem;
}
.chart {
  margin: 0;
  min-width: 0;
}
.chart > div {
  overflow: hidden;
}
.chart figcaption {
  font-weight: 600;
  font-size: 0.925rem;
}
.chart ul {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.5rem;
  list-style: none;
  margin: 0.25rem 0 0.5rem;
  padding: 0;
}
.line {
  display: flex;
  align-items: center;
  gap: 0.4rem;
  margin: 0;
  padding: 0.15rem 0.4rem;
  border-color: transparent;
  background: none;
  font-size: 0.85rem;
  text-align: left;
  overflow-wrap: anywhere;
}
.line:hover {
  border-color: var(--rule);
}
.line[aria-pressed='false'] {
  color: var(--faint);
  text-decoration: line-through;
}
.line[aria-pressed='false'] svg {
  opacity: 0.3;
}
.line svg {
  flex: none;
}
.timeline {
  list-style: none;
  padding: 0;
  margin: 0;
}
.timeline > li {
  border-left: 3px solid var(--rule);
  padding: 0 0 0.75rem 0.9rem;
}
.timeline > .wrote {
  border-left-color: var(--free);
}
footer {
  border-top: 1px solid var(--rule);
  font-size: 0.875rem;
  overflow-wrap: anywhere;
}
main footer {
  margin-top: 1.5rem;
  padding-inline: 0;
}
td > span {
  display: block;
}
.old {
  color: var(--bad);
}
.new {
  color: var(--good);
}
.place {
  color: var(--faint);
}
.alarm,
.note {
  border: 1px solid;
  border-radius: 8px;
  padding: 0.5rem 0.9rem;
  margin: 0.5rem 0;
}
.alarm {
  color: var(--bad);
}
.note {
  color: var(--warn);
}
li.good {
  color: var(--good);
}
li.warn {
  color: var(--warn);
}
li.bad {
  color: var(--bad);
}
.plot {
  display: block;
  max-width: 100%;
  height: auto;
  fill: currentColor;
  font-size: 13px;
}
@media screen and (max-width: 48rem) {
  table,
  tbody,
  tr,
  td,
  tbody th {
    display: block;
  }
  thead {
    position: absolute;
    clip-path: inset(50%);
    width: 1px;
    height: 1px;
    overflow: hidden;
  }
  tr {
    padding: 0.4rem 0;
    border-bottom: 1px solid var(--rule);
  }
  td,
  tbody th {
    border: 0;
    padding: 0.1rem 0;
    max-width: none;
  }
  td {
    display: grid;
    grid-template-columns: minmax(7rem, 40%) 1fr;
    gap: 0.75rem;
    white-space: normal;
  }
  td:has(> span:empty) {
    display: none;
  }
  td::before {
    content: attr(data-label);
    color: var(--faint);
    text-align: left;
  }
}
@media screen and (max-width: 30rem) {
  .drawing {
    grid-template-columns: 84px minmax(0, 1fr);
  }
  .drawing svg {
    width: 84px;
  }
  .drawing span {
    white-space: normal;
    font-size: 0.75rem;
    line-height: 1.15;
  }
}
@media print {
  nav,
  .controls,
  .skip,
  button:not(.line) {
    display: none;
  }
  table {
    font-size: 0.66rem;
  }
  th,
  td {
    padding-right: 0.4rem;
  }
  td {
    min-width: 0;
  }
  tbody th {
    min-width: 6.5rem;
  }
  td .badge {
    font-size: inherit;
  }
  td.number {
    overflow-wrap: normal;
    white-space: normal;
  }
  .scrolling {
    overflow: visible;
  }
  .pair {
    grid-template-columns: minmax(0, 1fr);
  }
  figure {
    break-inside: avoid;
  }
  .card,
  .timeline > li {
    break-inside: avoid;
  }
  section {
    margin-bottom: 2rem;
  }
}
`;
