// npm run bench -- NAME [--quick] [--json]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark, Figure } from './figure.ts';

const USAGE = 'usage: npm run bench -- NAME [--quick] [--json], where NAME is a file bench/NAME.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (name === undefined || !/^[a-z-]+$/.test(name) || !existsSync(`bench/${name}.ts`))
    throw new Error(USAGE);
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  const figures = await benchmark.run({ quick: values.quick });

  if (values.json) for (const figure of figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
  else process.stdout.write(table(figures));
  if (!values.quick) {
    const record = {
      date: new Date().toISOString(),
      commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
      node: process.version,
      backend: (await benchmark.backend?.()) ?? 'plain JavaScript',
      figures,
    };
    mkdirSync('bench/results', { recursive: true });
    writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
  }
}

function table(figures: readonly Figure[]): string {
  const number = (value: number | null): string =>
    value === null ? '' : String(Number(value.toPrecision(4)));
  const rows = figures.map((f) => [
    f.figure,
    number(f.value) + (f.spread === null ? '' : ` ± ${number(f.spread)}`),
    f.unit,
    f.goal ?? '',
    f.peer ?? '',
    number(f.peerValue),
    number(f.ratio),
  ]);
  const all = [['figure', 'value', 'unit', 'goal', 'peer', 'peer value', 'ratio'], ...rows];
  const widths = (all[0] as string[]).map((_, column) =>
    Math.max(...all.map((row) => (row[column] as string).length)),
  );
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] as number))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
