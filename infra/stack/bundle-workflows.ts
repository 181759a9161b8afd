import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// Runs compiled, as dist/infra/stack/bundle-workflows.js, after tsc.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../../src/workflows/index.js', import.meta.url)),
});
await writeFile(new URL('../../workflow-bundle.js', import.meta.url), code);
