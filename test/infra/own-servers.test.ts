import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../infra/stack/config.ts';
import { checkOwnStore, checkOwnTemporal } from '../../infra/stack/own-servers.ts';
import { StackError } from '../../infra/stack/stack-error.ts';

/** What a promise rejects with, and after how many seconds. */
async function rejectionOf(work: Promise<unknown>): Promise<{ error: unknown; seconds: number }> {
  const started = performance.now();
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, seconds: (performance.now() - started) / 1000 };
}

// Nothing listens on port 1 of this machine.
describe('a server of the user that does not answer is named within seconds', () => {
  test('a store, without its password', async () => {
    const { error, seconds } = await rejectionOf(checkOwnStore('mongodb://me:secret@127.0.0.1:1'));
    expect(error).toEqual(
      new StackError(
        'no store answers at mongodb://me:***@127.0.0.1:1 (connect ECONNREFUSED 127.0.0.1:1); check MONGODB_URI, or unset it to use the embedded store',
      ),
    );
    expect(seconds).toBeLessThan(15);
  });

  test('a Temporal', async () => {
    const config = resolveConfig({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const { error, seconds } = await rejectionOf(checkOwnTemporal(config, () => {}));
    expect(error).toBeInstanceOf(StackError);
    expect(String(error)).toMatch(
      /no Temporal server answers at 127\.0\.0\.1:1 \(.+\); check TEMPORAL_ADDRESS and TEMPORAL_TLS, or unset TEMPORAL_ADDRESS/,
    );
    expect(seconds).toBeLessThan(15);
  });
});

test('without a server of the user there is nothing to check', async () => {
  await expect(checkOwnTemporal(resolveConfig({}), () => {})).resolves.toBeUndefined();
});
