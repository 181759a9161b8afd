import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CampaignRecord } from '../campaign/facts.ts';
import { judgeLabels } from '../campaign/objective.ts';
import { exportFiles } from '../report/exports.ts';
import { renderReport } from '../report/report.ts';
import { loadSymmetryFinder } from '../symmetry-finder.ts';

/**
 * Writes results and report into a folder and returns the number of files. All are written beside it first and moved
 * in at the end, so that a full disk leaves what was there before. Files that are not ours stay.
 */
export async function exportResults(record: CampaignRecord, folder: string, now: Date): Promise<number> {
  loadSymmetryFinder();
  const judgements = judgeLabels(record.campaign.spec.objective, record.labels);
  const files = [
    ...exportFiles({ record, judgements }),
    { path: 'report.html', content: renderReport({ record, judgements, generatedAt: now.toISOString() }) },
  ];
  const partial = `${folder}.partial-${process.pid}`;
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(join(partial, path)), { recursive: true });
      await writeFile(join(partial, path), content);
    }
    // Phases that an earlier export called discoveries may have been found to lie above the hull since.
    await rm(join(folder, 'discoveries'), { recursive: true, force: true });
    for (const { path } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await rename(join(partial, path), join(folder, path));
    }
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return files.length;
}
