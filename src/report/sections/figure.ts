import { html, type Html } from '../html.ts';

/** A numbered figure of the report. */
export interface Figure {
  readonly title: string;
  readonly body: Html;
  readonly caption: Html | string;
}

/** One of several drawings in a figure. */
export function panel(title: string, body: Html): Html {
  return html`<div>
    <p class="panel-title">${title}</p>
    ${body}
  </div>`;
}
