/** The report's only style sheet: light, dark on screens that ask for it, always light in print. */
export const STYLE = `
:root {
  --paper: #fff; --ink: #1a1d21; --muted: #5b636d; --rule: #d4d8dd; --wash: #f5f6f8; --grid: #e8eaed;
  --model: #1d5c96; --control: #c05a12; --reference: #7b8490; --good: #22693c; --bad: #a32c2c;
  --e0: #16335f; --e1: #25749a; --e2: #3fa38d; --e3: #8fbc4b; --e4: #dcb62f; --e5: #cfd3d8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7ea; --muted: #9ba4ae; --rule: #363c44; --wash: #1d2126; --grid: #262b31;
    --model: #6fb1ea; --control: #f09c57; --reference: #8c96a2; --good: #6cc08b; --bad: #ea8080;
    --e0: #ffe08a; --e1: #e9c04a; --e2: #7fbf6a; --e3: #3f9a92; --e4: #38699a; --e5: #4a515a;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 Charter, 'Bitstream Charter', 'Iowan Old Style', 'Source Serif 4', Cambria, Georgia, serif; }
main { max-width: 860px; margin: 0 auto; padding: 56px 32px 72px; }
.kicker, .key dt, th, figcaption b, svg text, .meta, footer, .toc { font-family: Inter, 'Helvetica Neue', 'Segoe UI', Roboto, Arial, 'Liberation Sans', sans-serif; }
.kicker { font-size: 12px; letter-spacing: .09em; text-transform: uppercase; color: var(--muted); margin: 0 0 10px; }
h1 { font-size: 34px; line-height: 1.15; font-weight: 600; margin: 0 0 10px; letter-spacing: -.01em; overflow-wrap: anywhere; }
.question { font-size: 20px; line-height: 1.4; font-style: italic; margin: 0 0 14px; }
.meta { font-size: 13px; color: var(--muted); margin: 0; }
.claim { border: solid var(--ink); border-width: 2px 0 1px; margin: 30px 0 0; padding: 16px 0 18px; font-size: 18.5px; line-height: 1.5; }
.claim p { margin: 0; }
.claim p + p { margin-top: 8px; font-size: 15px; color: var(--muted); }
.key { display: grid; grid-template-columns: repeat(4, 1fr); margin: 0; border-bottom: 1px solid var(--rule); }
.key div { padding: 14px 14px 14px 0; border-top: 1px solid var(--rule); }
.key dt { font-size: 11.5px; color: var(--muted); margin-bottom: 3px; }
.key dd { margin: 0; font-size: 21px; line-height: 1.25; font-variant-numeric: lining-nums; overflow-wrap: anywhere; }
.key dd small { display: block; font-size: 13px; line-height: 1.35; color: var(--muted); margin-top: 2px; }
h2 { font-size: 21px; font-weight: 600; margin: 46px 0 10px; }
h3 { font-size: 16px; font-weight: 600; margin: 26px 0 6px; }
p { margin: 0 0 10px; }
figure { margin: 20px 0 30px; break-inside: avoid; }
figcaption { font-size: 14px; line-height: 1.45; color: var(--muted); margin-top: 8px; }
figcaption b { font-size: 13px; color: var(--ink); font-weight: 600; margin-right: 4px; }
.panels { display: grid; gap: 12px; align-items: end; }
.panels.two { grid-template-columns: 1fr 1fr; }
.panels.three { grid-template-columns: 1fr 1fr 1fr; }
.panels.aside { grid-template-columns: 4fr 7fr; align-items: start; }
.panel-title { font: 600 12.5px Inter, 'Helvetica Neue', 'Segoe UI', Roboto, Arial, 'Liberation Sans', sans-serif; margin: 0 0 4px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .title { fill: var(--muted); font-size: 11.5px; }
svg .name { font-size: 12px; font-weight: 500; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
svg .corner { font-size: 16px; font-weight: 600; }
.grid { stroke: var(--grid); stroke-width: 1; }
.axis { stroke: var(--muted); stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.model { stroke: var(--model); } .line.control { stroke: var(--control); }
.line.dashed { stroke-width: 1.3; stroke-dasharray: 5 4; }
.line.hull { stroke: var(--ink); stroke-width: 1.4; }
.line.zero { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 2 3; }
.line.best { stroke: var(--ink); stroke-width: 1.1; opacity: .55; }
.name.model { fill: var(--model); font-weight: 600; } .name.control { fill: var(--control); font-weight: 600; }
.wedge { fill: var(--control); opacity: .13; }
.mark { fill: var(--model); fill-opacity: .42; stroke: none; }
.mark.control { fill: var(--control); fill-opacity: .6; }
.mark.reference, .mark.neutral { fill: var(--reference); }
.mark.found { fill-opacity: 1; stroke: var(--paper); stroke-width: 1; }
.bar { stroke: var(--model); stroke-width: 1; opacity: .38; }
.bar.control { stroke: var(--control); } .bar.neutral { stroke: var(--reference); }
.bar.faint { opacity: .16; }
.stable { fill: var(--model); stroke: var(--paper); stroke-width: 1.5; }
.stable.control { fill: var(--control); } .stable.reference { fill: var(--reference); }
.ideal { stroke: var(--good); stroke-width: 1.2; stroke-dasharray: 5 3; }
.baseline { stroke: var(--reference); stroke-width: 1.2; stroke-dasharray: 4 3; }
.version { stroke: var(--model); stroke-width: 1.8; } .version.promoted { fill: var(--model); } .version.rejected { fill: var(--paper); }
.window { fill: var(--good); fill-opacity: .11; stroke: var(--good); stroke-width: 1; stroke-dasharray: 4 3; }
.triangle { fill: none; stroke: var(--ink); stroke-width: 1.3; }
.tie { stroke: var(--ink); stroke-width: 1; opacity: .6; }
.energy { stroke: var(--paper); stroke-width: .8; } .energy.on { stroke: var(--ink); stroke-width: 1.2; }
.e0 { fill: var(--e0); } .e1 { fill: var(--e1); } .e2 { fill: var(--e2); } .e3 { fill: var(--e3); } .e4 { fill: var(--e4); } .e5 { fill: var(--e5); }
.frame { fill: none; stroke: var(--rule); stroke-width: 1; }
.seen { stroke: var(--paper); stroke-width: .5; fill-opacity: .88; }
.outlier { fill: none; stroke: var(--bad); stroke-width: 1.5; }
.amount { fill: var(--e1); } .amount.down { fill: var(--e4); } .amount.mixed { fill: var(--reference); }
.scroll { overflow-x: auto; margin: 12px 0 24px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; line-height: 1.4; border: solid var(--ink); border-width: 1.5px 0; font-variant-numeric: tabular-nums lining-nums; }
th { text-align: left; font-size: 11.5px; font-weight: 600; border-bottom: 1px solid var(--ink); padding: 7px 10px 7px 0; vertical-align: bottom; }
td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; } td.n, td.s { white-space: nowrap; } .n + :not(.n) { padding-left: 10px; }
td:last-child, th:last-child { padding-right: 0; }
sub { font-size: .72em; line-height: 0; vertical-align: -.22em; }
.arm-model, .swatch-model { color: var(--model); } .arm-control, .swatch-control { color: var(--control); }
.good { color: var(--good); } .bad { color: var(--bad); }
pre { background: var(--wash); border: 1px solid var(--rule); border-radius: 3px; padding: 14px 16px; font: 12.5px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .86em ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 5px 22px; font-size: 14.5px; margin: 12px 0 20px; }
dl.facts dt { color: var(--muted); } dl.facts dd { margin: 0; }
.none { color: var(--muted); font-style: italic; }
footer { border-top: 1px solid var(--rule); margin-top: 48px; padding-top: 12px; font-size: 12px; color: var(--muted); }
@media (max-width: 680px) {
  main { padding: 28px 16px 48px; } .key { grid-template-columns: repeat(2, 1fr); }
  .panels.two, .panels.three, .panels.aside { grid-template-columns: 1fr; } dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: 8px; }
}
@media print {
  @page { margin: 15mm 16mm; }
  body { font-size: 10pt; line-height: 1.45; } main { max-width: none; padding: 0; }
  h1 { font-size: 24pt; } .question { font-size: 13pt; } .claim { font-size: 12.5pt; margin-top: 16px; padding: 10px 0; } .claim p + p { font-size: 10pt; }
  .key div { padding: 8px 10px 8px 0; } .key dd { font-size: 14pt; } .key dd small { font-size: 9pt; }
  h2 { margin-top: 22px; } figure { margin: 8px 0 16px; } figcaption { font-size: 9pt; } figcaption b { font-size: 8.5pt; }
  figure > svg { max-height: 68mm; } figure > svg[aria-label^='Gibbs'] { max-height: 96mm; }
  table { font-size: 8.5pt; } th { font-size: 8pt; } td { padding-top: 3px; padding-bottom: 3px; }
  h2, h3 { break-after: avoid; } tr { break-inside: avoid; } .scroll { overflow: visible; }
}
`;
