import { ensureBuild } from './build.mjs';
import { endCommands } from './command.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { createProgress } from './progress.mjs';
import { cacheFolder, root } from './root.mjs';
import { ensureStore } from './store.mjs';
import { ensureTemporal } from './temporal.mjs';
import { ensureTensorflow } from './tensorflow.mjs';

/** What could not be had, each with what to do. */
export class SetUpError extends Error {
  /** @param {unknown[]} reasons */
  constructor(reasons) {
    super(reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason))).join('\n'));
    this.name = 'SetUpError';
  }
}

/**
 * Brings up everything that Assayer needs on this machine, in parallel, reusing what the cache holds: the npm
 * packages, the build, a Temporal server, a store, libtensorflow. Throws a SetUpError that names every piece
 * that could not be had; with `serversOptional`, a missing server is only noted.
 *
 * @param {{ env?: NodeJS.ProcessEnv, serversOptional?: boolean }} [options]
 */
export async function setUp({ env = process.env, serversOptional = false } = {}) {
  const cache = cacheFolder(env);
  const progress = createProgress();
  const stop = () => {
    endCommands();
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // The longest goes first: without a download, Temporal is two minutes of compiling.
  const temporal = progress.follow('temporal', (tell) => ensureTemporal({ env, tell }));
  const dependencies = progress.follow('packages', (tell) => ensureDependencies({ root, cache, env, tell }));
  const tensorflow = progress.follow('tensorflow', (tell) =>
    ensureTensorflow({ root, env, dependencies, tell }),
  );
  const build = dependencies.then(() =>
    progress.follow('build', (tell) => ensureBuild({ root, cache, tell })),
  );
  const store = dependencies.then(() => progress.follow('store', (tell) => ensureStore({ env, tell })));
  const [servers, others] = await Promise.all([
    Promise.allSettled([temporal, store]),
    Promise.allSettled([dependencies, build, tensorflow]),
  ]);
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  progress.end();
  const missing = reasonsOf(servers);
  const failed = [...reasonsOf(others), ...(serversOptional ? [] : missing)];
  if (failed.length > 0) throw new SetUpError([...new Set(failed)]);
  for (const reason of missing) progress.print(reason instanceof Error ? reason.message : String(reason));
}

/** @param {PromiseSettledResult<unknown>[]} results */
function reasonsOf(results) {
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}
