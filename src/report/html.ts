/** Markup that is safe to send as it is; everything else that `html` meets is escaped. */
export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | readonly Html[] | null;

/** HTML or SVG from a template; strings and numbers in it are escaped, null is left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.reduce((text, next, i) => text + markupOf(parts[i - 1] ?? null) + next) };
}

export const nothing: Html = { markup: '' };

function markupOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return 'markup' in part ? part.markup : part.map((one) => one.markup).join('');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}

/** 'Cu3Au' with its counts as subscripts. */
export function formulaHtml(formula: string): Html {
  return { markup: escape(formula).replace(/(?<=[A-Za-z)\]])(\d+(?:\.\d+)?)/g, '<sub>$1</sub>') };
}

/** 'Cu3Au' as 'Cu₃Au', for text inside figures. */
export function formulaText(formula: string): string {
  return formula.replace(/(?<=[A-Za-z)\]\d])\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)] ?? digit);
}

/** A table with a header row; numeric columns are set right and, like short ones, never broken. */
export function table(
  columns: readonly { title: string; numeric?: boolean; short?: boolean }[],
  rows: readonly (readonly Part[])[],
): Html {
  const align = (i: number): Html =>
    columns[i]?.numeric ? html` class="n"` : columns[i]?.short ? html` class="s"` : nothing;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map(({ title }, i) => html`<th${align(i)}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, i) => html`<td${align(i)}>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
