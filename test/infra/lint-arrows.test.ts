import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Finding {
  code: string;
  help?: string;
}

const root = join(import.meta.dirname, '..', '..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-lint-'));
  const config = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')) as object;
  // Type-aware rules need the project's types; the arrows do not.
  await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, options: {} }));
});

afterAll(() => rm(folder, { recursive: true }));

async function lintSample(path: string, source: string): Promise<Finding[]> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '-f', 'json', path], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: Finding[] };
  return diagnostics.filter(({ code }) => code === 'eslint(no-restricted-imports)');
}

test.each([
  ['src/crystal/bad.ts', "import { readFile } from 'node:fs/promises';", 'crystal/ is pure'],
  [
    'src/crystal/formats/bad.ts',
    "import { x } from '../../models/service.ts';",
    'crystal/ imports no other folder',
  ],
  ['src/campaign/bad.ts', "import { MongoClient } from 'mongodb';", 'campaign/ is pure'],
  ['src/campaign/bad.ts', "import { x } from '../selection/x.ts';", 'campaign/ imports only crystal/'],
  ['src/selection/bad.ts', "import { x } from '../store/x.ts';", 'selection/ imports only'],
  ['src/report/bad.ts', "import * as tf from '@tensorflow/tfjs';", 'report/ is pure'],
  ['src/models/bad.ts', "import { x } from '../store/x.ts';", 'models/ imports only'],
  ['src/models/surrogate/bad.ts', "import { x } from '../../executors/x.ts';", 'models/ imports only'],
  ['src/store/bad.ts', "import { x } from '../models/x.ts';", 'store/ imports only'],
  ['src/executors/emt/bad.ts', "import { x } from '../../store/x.ts';", 'executors/ imports only'],
  ['src/activities/bad.ts', "import { x } from '../workflows/x.ts';", 'activities/ imports only'],
  ['src/workflows/bad.ts', "import { x } from '../activities/x.ts';", 'types of activities/'],
  ['src/workflows/bad.ts', "import { z } from 'zod';", 'only @temporalio/workflow'],
  ['src/workflows/bad.ts', "import { Client } from '@temporalio/client';", 'only @temporalio/workflow'],
  ['src/cli/bad.ts', "import * as tf from '@tensorflow/tfjs';", 'tensors live in the model process'],
])('%s may not say %s', async (path, source, message) => {
  const findings = await lintSample(path, `${source}\n`);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.help).toContain(message);
});

test.each([
  ['src/crystal/formats/good.ts', "import { x } from '../lattice.ts';"],
  ['src/selection/good.ts', "import type { Crystal } from '../crystal/crystal.ts';"],
  ['src/activities/good.ts', "import { x } from '../store/x.ts';"],
  ['src/workflows/good.ts', "import type { Activities } from '../activities/x.ts';"],
  ['src/workflows/good.ts', "import { proxyActivities } from '@temporalio/workflow';"],
  ['src/workflows/good.ts', "import { decide } from '../campaign/decide.ts';"],
])('%s may say %s', async (path, source) => {
  expect(await lintSample(path, `${source}\n`)).toEqual([]);
});
