import { readState, statePath } from './state.ts';
import { supervise } from './supervisor.ts';

// The detached process behind `assayer up`: its one argument is the home folder, whose stack.json holds the plan.
const [home = ''] = process.argv.slice(2);
const initial = await readState(statePath(home));
if (!initial) throw new Error(`there is no plan in ${statePath(home)}`);
const supervisor = await supervise(home, initial, (line) => {
  console.log(`${new Date().toISOString()} ${line}`);
});
process.on('SIGTERM', supervisor.stop);
process.on('SIGINT', supervisor.stop);
process.on('SIGHUP', () => {});
await supervisor.done;
process.exit(0);
