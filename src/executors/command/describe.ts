import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { otherVersion } from '../answer.ts';
import { CONTRACT_VERSION, executorDescriptionSchema } from '../contract.ts';
import type { ExecutorDescription } from '../contract.ts';
import { programEnvironment, programProblem, signalGroup } from './launch.ts';
import { excerpt, findObject } from './output.ts';

/** Enough to load a neural network first. */
const LONGEST_SECONDS = 120;

/**
 * Asks a program what it is: `PROGRAM describe`, the campaign's settings on standard input.
 * @throws Error with a sentence saying what is wrong with the program and what to do
 */
export async function describeCommand(
  command: readonly string[],
  settings: Readonly<Record<string, unknown>>,
): Promise<ExecutorDescription> {
  const shown = `'${[...command, 'describe'].join(' ')}'`;
  const problem = await programProblem(command[0] ?? '');
  if (problem !== null) throw new Error(problem);
  const { code, stdout, stderr } = await run([...command, 'describe'], JSON.stringify(settings));
  if (code === null) throw new Error(`${shown} said nothing for ${LONGEST_SECONDS} s and was killed`);
  const found = findObject(stdout, 'description');
  if (typeof found === 'string') {
    const how =
      code === 0 ? '' : ` It ended with exit code ${code}; last on standard error: ${excerpt(stderr)}`;
    throw new Error(`${shown}: ${found}.${how}`);
  }
  const { contractVersion } = found as { contractVersion?: unknown };
  if (contractVersion !== CONTRACT_VERSION) {
    throw new Error(`${shown}: ${otherVersion('the description', contractVersion)}`);
  }
  const parsed = executorDescriptionSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(
    `${shown}: the description breaks the contract at ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

/** Runs a program to its end; the code is null when it had to be killed. */
async function run(
  [program = '', ...args]: readonly string[],
  input: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, { detached: true, env: programEnvironment() });
  const kill = setTimeout(() => signalGroup(child.pid ?? 0, 'SIGKILL'), 1000 * LONGEST_SECONDS);
  try {
    // A program need not read its input.
    child.stdin.on('error', () => undefined).end(input);
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'exit') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, stdout, stderr };
  } finally {
    clearTimeout(kill);
  }
}
