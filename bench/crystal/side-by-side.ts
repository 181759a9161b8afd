import type { Figure } from '../figure.ts';
import { mean, spread } from '../figure.ts';
import { askPeer, peerPython } from '../peer.ts';

/** The library's version and the processor seconds of each repetition, read-in left out, and what else it prints. */
export interface PeerAnswer {
  readonly peer: string;
  readonly coreSeconds: readonly number[];
  readonly [more: string]: unknown;
}

/** Python with the peers' pinned packages: the same environment that the reference values come from. */
export function crystalPeers(): string {
  return peerPython('test/reference/requirements.txt');
}

/**
 * Times our work against a script of bench/peers/crystal/ on the same job, each on one core in processor time. The
 * script gets the job and `repetitions`, and prints {"peer": "pymatgen 2026.10.24", "coreSeconds": [...], ...}.
 * `ours` does the same job once; it is run once more before, so that both sides are warm.
 */
export async function raceAgainst(
  race: {
    readonly figure: string;
    readonly goal: string;
    /** How many things one repetition does: the value is things per core-second. */
    readonly count: number;
    readonly unit: string;
    readonly repetitions: number;
    readonly script: string;
    readonly job: object;
  },
  ours: () => void | Promise<void>,
): Promise<{ readonly figure: Figure; readonly answer: PeerAnswer }> {
  await ours();
  const rates: number[] = [];
  for (let repetition = 0; repetition < race.repetitions; repetition++) {
    const before = process.cpuUsage();
    await ours();
    const { user, system } = process.cpuUsage(before);
    rates.push((1e6 * race.count) / (user + system));
  }
  const job = { ...race.job, repetitions: race.repetitions };
  const answer = askPeer(crystalPeers(), `bench/peers/crystal/${race.script}`, job) as PeerAnswer;
  const peerRate = mean(answer.coreSeconds.map((seconds) => race.count / seconds));
  const figure: Figure = {
    figure: race.figure,
    value: mean(rates),
    unit: race.unit,
    goal: race.goal,
    peer: answer.peer,
    peerValue: peerRate,
    ratio: mean(rates) / peerRate,
    seeds: race.repetitions,
    spread: spread(rates),
  };
  return { figure, answer };
}
