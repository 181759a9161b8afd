import type { CampaignRecord } from '../campaign/facts.ts';
import type { Judgement } from '../campaign/judgement.ts';
import { html } from './html.ts';
import { figureSections } from './sections/figures.ts';
import { findingsSection, triedModelsSection } from './sections/learning.ts';
import { provenanceSection } from './sections/provenance.ts';
import { summarySection } from './sections/summary.ts';
import {
  discoveriesSection,
  gateSection,
  spendSection,
  troublesSection,
  yieldSection,
} from './sections/tables.ts';
import { sourceOf } from './source.ts';
import { STYLE } from './style.ts';

/**
 * The campaign's report as one self-contained HTML file: no script, no font and no address is loaded.
 * `generatedAt` is ISO 8601 in UTC.
 */
export function renderReport({
  record,
  judgements,
  generatedAt,
}: {
  readonly record: CampaignRecord;
  readonly judgements: readonly Judgement[];
  readonly generatedAt: string;
}): string {
  const source = sourceOf(record, judgements);
  const { name, question } = record.campaign.spec;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name}: campaign report</title>
        <meta name="description" content="${question}" />
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <main>
          ${summarySection(source, generatedAt)} ${figureSections(source)} ${discoveriesSection(source)}
          ${yieldSection(source)} ${gateSection(source)} ${triedModelsSection(source)}
          ${findingsSection(source)} ${troublesSection(source)} ${spendSection(source)}
          ${provenanceSection(source)}
          <footer>
            Written by Assayer from the campaign’s stored facts. Point at a mark in a figure to read its
            values. The export beside this report holds every label with its lineage.
          </footer>
        </main>
      </body>
    </html> `.markup;
}
