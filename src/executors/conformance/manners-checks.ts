import { access, readFile } from 'node:fs/promises';
import { FILES } from '../command/launch.ts';
import type { Evaluated } from './crystal-checks.ts';
import { type Finding, failed, passed, warned } from './finding.ts';
import type { Subject } from './subject.ts';

/** A cost estimate is rough, but not by more than this factor. */
const ROUGH = 30;

/** What makes an executor pleasant to live with: clean output, artefacts that are there, an estimate that holds. */
export async function checkManners(subject: Subject, evaluated: readonly Evaluated[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [first] = evaluated;
  if (!first) return findings;
  const { answer } = first;
  if (subject.spec.name === 'command' && !subject.spec.serve) {
    const stdout = await readFile(subject.folderOf(answer.key).file(FILES.stdout), 'utf8').catch(() => '');
    const check = 'prints its answer alone on standard output';
    findings.push(
      isJson(stdout)
        ? passed(check, `${stdout.length} characters of JSON`)
        : warned(
            check,
            'there is something beside it',
            'print logs on standard error: an answer is easily lost',
          ),
    );
  }
  for (const { name, path } of answer.artefacts) {
    const check = `leaves its artefact: ${name}`;
    const there = await access(subject.folderOf(answer.key).file(path)).then(
      () => true,
      () => false,
    );
    findings.push(
      there
        ? passed(check, path)
        : failed(check, `there is no ${path} in its folder`, 'write it into the working folder'),
    );
  }
  const estimate = subject.description.costEstimate?.coreSeconds;
  const cost = answer.cost?.coreSeconds;
  if (estimate !== undefined && cost !== undefined) {
    const check = 'estimates its cost';
    const found = `declared ${estimate} core-s, took ${Number(cost.toPrecision(2))} for ${first.sample.name}`;
    findings.push(
      cost > ROUGH * estimate
        ? warned(check, found, 'declare a costEstimate that a budget can be made with')
        : passed(check, found),
    );
  }
  return findings;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
