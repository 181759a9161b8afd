import type { CampaignRecord } from '../campaign/facts.ts';
import type { Judgement } from '../campaign/judgement.ts';
import { countArm, figuresByVersion, type Counts, type VersionFigures } from '../campaign/figures.ts';
import { readProperty } from './property-name.ts';
import { entriesOf, type Entry } from './entries.ts';

/** What every section of the report reads. */
export interface Source {
  readonly record: CampaignRecord;
  readonly judgements: readonly Judgement[];
  readonly entries: readonly Entry[];
  readonly model: Counts;
  readonly control: Counts;
  /** Of the target the models are judged by: the first that any version was tested on. */
  readonly versions: readonly VersionFigures[];
  /** Versions for every target. */
  readonly allVersions: readonly VersionFigures[];
  /** Unit of those versions' target; empty when its name holds none. */
  readonly targetUnit: string;
  /** Unit of a judgement's distance. */
  readonly distanceUnit: string;
}

export function sourceOf(record: CampaignRecord, judgements: readonly Judgement[]): Source {
  const allVersions = figuresByVersion(record.models, record.labels, judgements);
  const target = allVersions[0]?.target;
  return {
    record,
    judgements,
    entries: entriesOf(record, judgements),
    model: countArm(record.labels, judgements, 'model'),
    control: countArm(record.labels, judgements, 'control'),
    versions: allVersions.filter((figures) => figures.target === target),
    allVersions,
    targetUnit: target === undefined ? '' : readProperty(target).unit,
    distanceUnit: distanceUnitOf(record),
  };
}

/** Windows over one unit have that unit; over several, the distance is in whichever property is farthest outside. */
function distanceUnitOf({ campaign }: CampaignRecord): string {
  const { objective } = campaign.spec;
  if (objective.kind === 'hull') return 'eV/atom';
  const units = new Set(Object.keys(objective.properties).map((name) => readProperty(name).unit));
  return units.size === 1 ? ([...units][0] ?? '') : [...units].join(' or ');
}

/** What a discovery is called. */
export function thingOf({ campaign }: CampaignRecord): string {
  return campaign.spec.objective.kind === 'hull' ? 'phase' : 'crystal';
}
