import { createHash } from 'node:crypto';

/** JSON with sorted keys, so that equal settings have equal hashes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The evaluation key: same candidate, executor, version and settings, same key, same answer. */
export function evaluationKey(
  identity: string,
  executor: { readonly name: string; readonly version: string },
  settings: Readonly<Record<string, unknown>>,
): string {
  return sha256([identity, executor.name, executor.version, canonicalJson(settings)].join('\n'));
}
