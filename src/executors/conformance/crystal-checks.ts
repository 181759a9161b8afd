import { makeCrystal } from '../../crystal/crystal.ts';
import type { EvaluationAnswer } from '../contract.ts';
import { gate } from '../gate.ts';
import { type Sample, badCrystalsFor } from './crystals.ts';
import { type Finding, failed, passed, warned } from './finding.ts';
import { type Subject, outcomeText, valuesText } from './subject.ts';

/** What a sample was answered. */
export interface Evaluated {
  readonly sample: Sample;
  readonly answer: EvaluationAnswer;
}

/** Every real crystal has to be answered with all that was asked for, good enough to become a label. */
export async function checkRealCrystals(
  subject: Subject,
  samples: readonly Sample[],
): Promise<{ findings: Finding[]; evaluated: Evaluated[] }> {
  const findings: Finding[] = [];
  const evaluated: Evaluated[] = [];
  for (const sample of samples) {
    const check = `evaluates a real crystal: ${sample.name}`;
    const { answer } = await subject.evaluate(subject.request(sample.crystal));
    if (answer.status === 'failed') {
      const { kind, message } = answer.failure;
      findings.push(
        failed(check, `${kind}: ${message}`, 'run it by hand with this crystal and see what fails'),
      );
      continue;
    }
    evaluated.push({ sample, answer });
    const proposed = makeCrystal(sample.crystal);
    const refused = gate({ answer, proposed, properties: subject.properties }).filter((one) => !one.passed);
    findings.push(
      refused.length === 0
        ? passed(check, valuesText(answer))
        : failed(
            check,
            `no label could be made of it: ${refused.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`,
            'answer what was asked, in its unit, and a failure of kind notConverged when it is not converged',
          ),
    );
  }
  findings.push(...checkDistinct(evaluated));
  return { findings, evaluated };
}

/** Crystals of different elements differ in something. */
function checkDistinct(evaluated: readonly Evaluated[]): Finding[] {
  const texts = evaluated.flatMap(({ answer }) =>
    answer.status === 'succeeded' ? [valuesText(answer)] : [],
  );
  if (texts.length < 2) return [];
  const check = 'tells crystals apart';
  return new Set(texts).size > 1
    ? [passed(check, `${texts.length} crystals, ${new Set(texts).size} answers`)]
    : [failed(check, `it says ${texts[0]} of every crystal`, 'read the request’s crystal')];
}

/** What cannot be evaluated has to be refused, not answered, and not to break the program. */
export async function checkBadCrystals(subject: Subject, sample: Sample): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, crystal, remedy } of badCrystalsFor(subject.description, sample.crystal)) {
    const { answer } = await subject.evaluate(subject.request(crystal));
    findings.push(judgeRefusal(`refuses ${name}`, answer, remedy));
  }
  const unknown = subject.request(sample.crystal, { properties: { noSuchPropertyEv: 'eV' } });
  findings.push(
    judgeRefusal(
      'refuses a property that it does not give',
      (await subject.evaluate(unknown)).answer,
      'check the names in properties first',
    ),
  );
  return findings;
}

function judgeRefusal(check: string, answer: EvaluationAnswer, remedy: string): Finding {
  const found = outcomeText(answer);
  if (answer.status === 'succeeded') {
    return failed(
      check,
      `answered ${found || 'no values'}`,
      `${remedy}, and answer a failure of kind badInput`,
    );
  }
  const { kind } = answer.failure;
  if (kind === 'badInput' || kind === 'unsafe' || kind === 'notConverged') return passed(check, found);
  return warned(
    check,
    found,
    `${remedy}, and answer a failure of kind badInput: ${kind} makes people look for a broken machine`,
  );
}
