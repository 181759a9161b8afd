import { hostExecutor } from '../registry.ts';
import type { VictimJob } from './interruption-checks.ts';

// A worker in a process of its own that evaluates one request, to be killed in the middle.
const { spec, folder, request } = JSON.parse(process.argv[2] ?? '{}') as VictimJob;
const host = await hostExecutor(spec, folder);
process.stdout.write('evaluating\n');
await host.evaluate(request, { signal: new AbortController().signal, heartbeat: () => undefined });
await host.close();
