import pc from 'picocolors';
import { interval } from '../campaign/claim.ts';
import { acceleration, labelsPerDiscovery } from '../campaign/figures.ts';
import { computing, duration, fixed, significant } from '../campaign/number-text.ts';
import type { CampaignPhase, CampaignStatus } from '../campaign/status.ts';

export interface ViewOptions {
  /** Width of the terminal; no line is longer. */
  readonly columns: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly color: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;
type Paint = (text: string) => string;
/** Text and how to paint it; painting changes no width. */
type Piece = string | { readonly text: string; readonly paint: Paint };

const NAME_WIDTH = 11;

/** The live view of a campaign as lines of text, without a final line break. */
export function renderView(status: CampaignStatus, { columns, now, color }: ViewOptions): string {
  const colors = pc.createColors(color);
  const width = Math.max(20, columns);
  const ended = status.stopReason !== null;
  const rows: string[] = [];
  const row = (name: string, pieces: readonly Piece[]): void => {
    rows.push(
      ...layOut(pieces, width - NAME_WIDTH - 1).map(
        (line, i) => `${colors.dim(pad(i === 0 ? name : ''))} ${line}`,
      ),
    );
  };

  const phasePaint = paintOf(status.phase, colors);
  rows.push(
    ...layOut(
      [
        { text: status.name, paint: colors.bold },
        { text: status.phase, paint: phasePaint },
        ...(status.phaseDetail ? [status.phaseDetail] : []),
      ],
      width,
    ),
  );
  if (status.question) rows.push(...wrapWords(status.question, width).map((line) => colors.italic(line)));
  rows.push('');

  const done = status.labels.model + status.labels.control;
  row('labels', [progressBar(done, status.labels.budget, width - NAME_WIDTH - 1)]);
  row('', [
    `model ${status.labels.model}`,
    `control ${status.labels.control}`,
    `reference ${status.labels.reference}`,
    { text: `failed ${status.failed}`, paint: status.failed > 0 ? colors.yellow : plain },
    { text: `rejected ${status.rejected}`, paint: status.rejected > 0 ? colors.yellow : plain },
  ]);
  rows.push('');

  row('model arm', armPieces(status.labels.model, status.discoveries.model, colors));
  row('control arm', armPieces(status.labels.control, status.discoveries.control, colors));
  row('faster', [fasterText(status)]);
  row('best', [status.best ? bestText(status.best) : 'none yet']);
  rows.push('');

  row('surrogate', status.model ? modelPieces(status.model) : ['base model, no version of its own yet']);
  row('generator', [status.generatorVersion === 0 ? 'base weights' : `version ${status.generatorVersion}`]);
  if (status.learning)
    row('learning', [
      { text: `round ${status.learning.round}`, paint: colors.magenta },
      ...(status.learning.detail ? [status.learning.detail] : []),
    ]);
  row('in flight', inFlightPieces(status, now));
  row('queue', [`${status.queueLength} ${status.queueLength === 1 ? 'candidate' : 'candidates'} ranked`]);
  rows.push('');

  const elapsed = `${duration(secondsBetween(status.startedAt, status.updatedAt))} since the start`;
  if (!ended) row('pace', pacePieces(status, done));
  row('spent', [`${computing(status.spentCoreSeconds)} of computing`, ...(ended ? [] : [elapsed])]);
  // An address broken by an indented line cannot be clicked: it gets lines of its own when it is long.
  if (status.temporalUiUrl.length < width - NAME_WIDTH) row('temporal', [status.temporalUiUrl]);
  else rows.push(...wrapWords(status.temporalUiUrl, width));
  if (ended) row('ended', [{ text: status.stopReason ?? '', paint: phasePaint }]);
  rows.push('');

  const hint = ended
    ? `Read the results with: assayer report ${status.name}`
    : `Ctrl-C leaves the campaign running; come back with: assayer watch ${status.name}`;
  rows.push(...wrapWords(hint, width).map((line) => colors.dim(line)));
  return rows.map((line) => line.trimEnd()).join('\n');
}

function armPieces(labels: number, discoveries: number, colors: Colors): Piece[] {
  const found = `${discoveries} ${discoveries === 1 ? 'discovery' : 'discoveries'}`;
  const pace = labelsPerDiscovery({ labels, discoveries });
  return [
    { text: found, paint: discoveries > 0 ? colors.green : plain },
    ...(pace && pace.value !== null
      ? [`one every ${significant(pace.value)} labels (90 %: ${interval(pace)})`]
      : []),
  ];
}

function fasterText({ labels, discoveries }: CampaignStatus): string {
  const ratio = acceleration(
    { labels: labels.model, discoveries: discoveries.model },
    { labels: labels.control, discoveries: discoveries.control },
  );
  if (!ratio || discoveries.model + discoveries.control === 0) return 'nothing to compare yet';
  const value = ratio.value === null ? '' : `${significant(ratio.value)} times `;
  const slower = ratio.high !== null && ratio.high < 1;
  const doubt = ratio.low > 1 ? '' : slower ? ', slower' : ', not shown: the interval includes 1';
  return `${value}(90 %: ${interval(ratio)})${doubt}`;
}

function bestText({ formula, distance, unit }: NonNullable<CampaignStatus['best']>): string {
  return distance <= 0
    ? `${formula}, meets the objective`
    : `${formula}, ${significant(distance)} ${unit} from the objective`;
}

function modelPieces(model: NonNullable<CampaignStatus['model']>): Piece[] {
  return [
    `version ${model.version}`,
    `held-out error ${significant(model.mae)} ${model.unit}`,
    ...(isMeasured(model.coverage90) ? [`90 % interval holds ${fixed(model.coverage90 * 100, 0)} %`] : []),
    ...(isMeasured(model.miscalibrationArea)
      ? [`miscalibration area ${fixed(model.miscalibrationArea, 3)}`]
      : []),
  ];
}

function isMeasured(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function inFlightPieces({ inFlight }: CampaignStatus, now: number): Piece[] {
  if (inFlight.length === 0) return ['nothing'];
  const shown = inFlight.slice(0, 6).map(({ formula, arm, startedAt }) => {
    const age = duration(Math.max(0, Math.round((now - Date.parse(startedAt)) / 1000)));
    return `${formula} ${age}${arm === 'model' ? '' : ` (${arm})`}`;
  });
  return inFlight.length > shown.length ? [...shown, `${inFlight.length - shown.length} more`] : shown;
}

function pacePieces({ startedAt, updatedAt, labels }: CampaignStatus, done: number): Piece[] {
  const seconds = secondsBetween(startedAt, updatedAt);
  if (done === 0 || seconds <= 0) return ['no label yet'];
  const perMinute = (done / seconds) * 60;
  const pace =
    perMinute >= 1 ? `${significant(perMinute)} labels/min` : `${significant(perMinute * 60)} labels/h`;
  const left = Math.max(0, labels.budget - done) / (done / seconds);
  return left > 0 ? [pace, `budget spent in about ${roundDuration(left)}`] : [pace];
}

/** An estimate in whole minutes, or in seconds below two. */
function roundDuration(seconds: number): string {
  return duration(seconds > 120 ? Math.round(seconds / 60) * 60 : Math.round(seconds));
}

function progressBar(done: number, budget: number, width: number): string {
  const share = Math.min(1, done / budget);
  const text = `${done} of ${budget}  ${Math.floor(share * 100)} %`;
  const length = Math.max(5, Math.min(40, width - text.length - 2));
  const full = Math.round(share * length);
  return `${'█'.repeat(full)}${'░'.repeat(length - full)}  ${text}`;
}

/** Pieces joined by middle dots, broken between pieces, and within one only when it is longer than a line. */
function layOut(pieces: readonly Piece[], width: number): string[] {
  const lines: string[] = [];
  let [line, used] = ['', 0];
  for (const piece of pieces) {
    const { text, paint } = typeof piece === 'string' ? { text: piece, paint: plain } : piece;
    for (const [i, part] of wrapWords(text, width).entries()) {
      const separator = used === 0 ? '' : ' · ';
      if (i === 0 && used + separator.length + part.length <= width) {
        line += separator + paint(part);
        used += separator.length + part.length;
        continue;
      }
      if (used > 0) lines.push(line);
      [line, used] = [paint(part), part.length];
    }
  }
  return [...lines, line];
}

/** Breaks between words; a word longer than a line is cut. Control characters become spaces. */
function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(/\p{Cc}/gu, ' ').split(/(?<=\S)\s(?=\S)/)) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

function paintOf(phase: CampaignPhase, colors: Colors): Paint {
  switch (phase) {
    case 'starting':
    case 'running':
      return colors.cyan;
    case 'awaiting-approval':
    case 'paused':
    case 'stopping':
      return colors.yellow;
    case 'finished':
      return colors.green;
  }
}

const plain: Paint = (text) => text;

function pad(name: string): string {
  return name.padEnd(NAME_WIDTH);
}

function secondsBetween(start: string, end: string): number {
  return (Date.parse(end) - Date.parse(start)) / 1000;
}
