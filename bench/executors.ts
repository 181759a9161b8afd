import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { executorSchema } from '../src/campaign/spec.ts';
import { writeCif } from '../src/crystal/formats/cif.ts';
import { samplesFor } from '../src/executors/conformance/crystals.ts';
import type { EvaluationRequest } from '../src/executors/contract.ts';
import { sha256 } from '../src/executors/key.ts';
import { hostExecutor } from '../src/executors/registry.ts';
import type { Figure } from './figure.ts';

const runProgram = promisify(execFile);

/** A program that does nothing but answer: what is left is the contract's own cost. */
const PROGRAM = `#!/bin/sh
case $1 in
  describe)
    echo '{"contractVersion": 1, "name": "nothing", "version": "1", "fidelity": "none", "properties": {"energyEvPerAtom": "eV/atom"}}' ;;
  *)
    while read -r request; do
      key=\${request#*'"key":"'}
      echo '{"contractVersion": 1, "key": "'"\${key%%'"'*}"'", "status": "succeeded", "values": {"energyEvPerAtom": {"value": -1, "unit": "eV/atom"}}, "software": [{"name": "nothing", "version": "1"}]}'
    done ;;
esac
`;

/** Wall time from a request to its answer, for executors that take no time themselves. */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'assayer-bench-executors-'));
  try {
    const crystal = samplesFor({ elements: ['Cu'], maxAtoms: 1 })[0]?.crystal;
    if (!crystal) throw new Error('there is no sample of copper');
    const table = join(folder, 'table.csv');
    await writeFile(table, `cif,energy\n"${writeCif(crystal).replaceAll('"', '""')}",-1\n`);
    const program = join(folder, 'nothing.sh');
    await writeFile(program, PROGRAM);
    await chmod(program, 0o755);
    const request = (index: number): EvaluationRequest => ({
      contractVersion: 1,
      key: sha256(`bench ${index}`),
      crystal,
      properties: { energyEvPerAtom: 'eV/atom' },
      settings: {},
      fidelity: 'none',
      deadlineSeconds: 60,
      seed: 1,
    });
    const measure = async (name: string, spec: object, count: number): Promise<number[]> => {
      const host = await hostExecutor(executorSchema.parse(spec), join(folder, name));
      const context = { signal: new AbortController().signal, heartbeat: () => undefined };
      try {
        return await times(count, async (index) => {
          const answer = await host.evaluate(request(index), context);
          if (answer.status === 'failed') throw new Error(answer.failure.message);
        });
      } finally {
        await host.close();
      }
    };

    const [few, many] = quick ? [40, 300] : [300, 3000];
    const properties = { energyEvPerAtom: { column: 'energy', unit: 'eV/atom' } };
    const inProcess = await measure(
      'table',
      { name: 'table', settings: { files: [table], properties } },
      many,
    );
    const served = await measure('served', { name: 'command', command: [program], serve: true }, many);
    const command = await measure('command', { name: 'command', command: [program] }, few);
    const bare = await times(few, () => runProgram(program, ['describe']));
    return [
      figure('in process, request to answer', inProcess, { goal: 'below 1 ms' }),
      figure('served program, request to answer', served, { goal: null }),
      figure('program of its own, request to answer', command, {
        goal: 'below 50 ms',
        peer: { name: 'the same program started bare', milliseconds: bare },
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each of so many calls, one after another; the first few, which warm up, left out. */
async function times(count: number, call: (index: number) => Promise<unknown>): Promise<number[]> {
  const warmUp = 5;
  const milliseconds: number[] = [];
  for (let index = 0; index < count + warmUp; index++) {
    const started = performance.now();
    await call(index);
    if (index >= warmUp) milliseconds.push(performance.now() - started);
  }
  return milliseconds;
}

function figure(
  name: string,
  milliseconds: readonly number[],
  {
    goal,
    peer,
  }: {
    readonly goal: string | null;
    readonly peer?: { readonly name: string; readonly milliseconds: readonly number[] };
  },
): Figure {
  const value = median(milliseconds);
  const peerValue = peer ? median(peer.milliseconds) : null;
  return {
    figure: `${name}, median of ${milliseconds.length}`,
    value,
    unit: 'ms',
    goal,
    peer: peer?.name ?? null,
    peerValue,
    ratio: peerValue === null ? null : value / peerValue,
    seeds: 1,
    spread: null,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
