/** Runs grouped by arm and sweep point: what charts and the delay table draw. Arms of different studies are never pooled. */
import {
  delayTable,
  groupKey,
  type ArmDelayRow,
  type RunDelayRow,
  type RunWithCurve,
} from '../delay-table.ts';
import type { Family } from '../model-spec.ts';
import type { MetricColumn, RunRecord, StudyRecord } from '../run.ts';
import type { Arm } from '../study.ts';
import { armWords, pointsOf, pointWords, type SweepPoint } from '../sweep.ts';
import type { Variant } from './palette.ts';
import { variantsOf } from './variants.ts';

export interface Entry extends RunWithCurve {
  /** Column name → how many points were recorded, where the curve is an overview that holds some of them. */
  recorded?: Record<string, number>;
}

export interface ArmEntry extends Entry {
  /** The run's delays, from its raw values. */
  row: RunDelayRow;
}

export interface ArmGroup {
  /** `studyId/armId`, and the sweep point where there is one. */
  key: string;
  studyId: string;
  /** `studyId/armId`: groups that differ in it are never pooled. */
  armKey: string;
  /** Of the arm alone; where several studies are shown, with its study's. */
  armTitle: string;
  label: string;
  /**
   * The label among the others on a page: a study by its id, an arm that is the only one of its study by nothing else. `lead`
   * is what is said of it before its sweep point, which may be nothing.
   */
  short: string;
  lead: string;
  /** The sweep point: empty for an arm without a sweep. */
  point: SweepPoint;
  family: Family;
  effortUnit: string;
  variant: Variant;
  /** By seed. */
  entries: ArmEntry[];
  row: ArmDelayRow;
}

/**
 * Groups in the order of their studies, and within a study of its arms. A group whose runs and curves are the ones
 * of `previous` is that same object, so that a chart of runs that stand still is not drawn again.
 */
export function groupEntries(
  entries: readonly Entry[],
  studies: readonly StudyRecord[] = [],
  previous: readonly ArmGroup[] = [],
): ArmGroup[] {
  const byKey = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = groupKey(entry.run);
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [entry]);
    else members.push(entry);
  }
  const studyIds = [...new Set(entries.map(({ run }) => run.studyId))];
  const labels = studyLabels(studyIds, studies, ({ study }) => study.title);
  const ids = studyLabels(studyIds, studies, ({ study }) => study.id);
  const keys = sortKeys(byKey, studyIds, studies);
  const variants = variantsOf(
    keys.map((key) => {
      const { run } = (byKey.get(key) as Entry[])[0] as Entry;
      return { family: run.family, armKey: armKeyOf(run), point: run.point };
    }),
  );
  return keys.map((key, i) => {
    const members = (byKey.get(key) as Entry[]).toSorted((a, b) => a.run.seed - b.run.seed);
    const { studyId, arm, point } = (members[0] as Entry).run;
    const study = labels.get(studyId);
    const title = study === undefined ? arm.title : `${study}: ${arm.title}`;
    const label = armWords(hasTwin(entries, studyId, arm) ? `${title} (${arm.id})` : title, point);
    const lead = leadOf(entries, arm, ids.get(studyId) ?? null, studyId, point);
    const words = pointWords(point);
    const short = lead === '' ? words : words === '' ? lead : `${lead}, ${words}`;
    const variant = variants[i] as Variant;
    const kept = previous.find((group) => group.key === key);
    return kept !== undefined && isSame(kept, members, { label, short }, variant)
      ? kept
      : newGroup(key, { label, short, lead, armTitle: title }, variant, members);
  });
}

/**
 * The titles of the studies that groups are of. A study whose curves are still to come is not among them, so that what is
 * drawn changes its name together with its lines.
 */
export function studiesInWords(groups: readonly ArmGroup[], studies: readonly StudyRecord[]): string {
  return titlesInWords(studies.filter(({ id }) => groups.some(({ studyId }) => studyId === id)));
}

/** The titles of studies, each once. */
export function titlesInWords(studies: readonly StudyRecord[]): string {
  return [...new Set(studies.map(({ study }) => study.title))].join(' and ');
}

/** The study where there are several, and the arm where its study has several, or nothing else names it. */
function leadOf(
  entries: readonly Entry[],
  arm: Arm,
  study: string | null,
  studyId: string,
  point: SweepPoint,
): string {
  const isOnly = entries.every(({ run }) => run.studyId !== studyId || run.armId === arm.id);
  const title = hasTwin(entries, studyId, arm) ? `${arm.title} (${arm.id})` : arm.title;
  const named = isOnly && Object.keys(point).length > 0 ? [] : [title];
  return [...(study === null ? [] : [study]), ...named].join(': ');
}

/** Whether another arm of the study has the same title. */
function hasTwin(entries: readonly Entry[], studyId: string, arm: Arm): boolean {
  return entries.some(
    ({ run }) => run.studyId === studyId && run.armId !== arm.id && run.arm.title === arm.title,
  );
}

function newGroup(
  key: string,
  names: Pick<ArmGroup, 'label' | 'short' | 'lead' | 'armTitle'>,
  variant: Variant,
  members: readonly Entry[],
): ArmGroup {
  const { run } = members[0] as Entry;
  const table = delayTable(members);
  return {
    key,
    studyId: run.studyId,
    armKey: armKeyOf(run),
    ...names,
    point: run.point,
    family: run.family,
    effortUnit: run.effortUnit,
    variant,
    entries: members.map((entry, i) => ({ ...entry, row: table.runs[i] as RunDelayRow })),
    row: table.arms[0] as ArmDelayRow,
  };
}

function isSame(
  group: ArmGroup,
  members: readonly Entry[],
  { label, short }: Pick<ArmGroup, 'label' | 'short'>,
  variant: Variant,
): boolean {
  return (
    group.label === label &&
    group.short === short &&
    isSameVariant(group.variant, variant) &&
    group.entries.length === members.length &&
    group.entries.every(({ run, curve }, i) => members[i]?.run === run && members[i]?.curve === curve)
  );
}

function isSameVariant(a: Variant, b: Variant): boolean {
  return (
    a.shade === b.shade &&
    a.symbol === b.symbol &&
    a.ramp?.tone === b.ramp?.tone &&
    a.ramp?.path === b.ramp?.path
  );
}

function armKeyOf({ studyId, armId }: RunRecord): string {
  return `${studyId}/${armId}`;
}

function sortKeys(
  byKey: ReadonlyMap<string, readonly Entry[]>,
  studyIds: string[],
  studies: readonly StudyRecord[],
): string[] {
  const ranks = new Map<string, number>();
  for (const { id: studyId, study } of studies) {
    for (const { id: armId, ...arm } of study.arms) {
      for (const point of pointsOf(arm)) ranks.set(groupKey({ studyId, armId, point }), ranks.size);
    }
  }
  const studyRank = (key: string): number =>
    studyIds.indexOf((byKey.get(key) as readonly Entry[])[0]?.run.studyId ?? '');
  const rank = (key: string): number => ranks.get(key) ?? Infinity;
  return [...byKey.keys()].toSorted((a, b) => studyRank(a) - studyRank(b) || rank(a) - rank(b) || 0);
}

/** Names of studies where there are several; the start is added where two have one name. */
function studyLabels(
  studyIds: string[],
  studies: readonly StudyRecord[],
  nameOf: (study: StudyRecord) => string,
): Map<string, string> {
  if (studyIds.length < 2) return new Map();
  const shown = studies.filter((study) => studyIds.includes(study.id));
  return new Map(
    studyIds.map((id) => {
      const record = shown.find((study) => study.id === id);
      if (record === undefined) return [id, id];
      const name = nameOf(record);
      const unique = shown.filter((other) => nameOf(other) === name).length === 1;
      return [id, unique ? name : `${name} (${record.createdAt.slice(0, 16).replace('T', ' ')})`];
    }),
  );
}

/** Sweep points of an arm that have a panel each; of more, all share one. */
const MOST_PANELS = 6;

/** What one panel of the live view draws. */
export interface LivePanelGroups {
  key: string;
  title: string;
  groups: ArmGroup[];
}

/** A panel per group, but one for all points of an arm that is swept over many. */
export function livePanels(groups: readonly ArmGroup[]): LivePanelGroups[] {
  const byArm = new Map<string, ArmGroup[]>();
  for (const group of groups) {
    const members = byArm.get(group.armKey);
    if (members === undefined) byArm.set(group.armKey, [group]);
    else members.push(group);
  }
  return [...byArm].flatMap(([key, members]) =>
    members.length > MOST_PANELS
      ? [{ key, title: members[0]?.entries[0]?.run.arm.title ?? key, groups: members }]
      : members.map((group) => ({ key: group.key, title: group.label, groups: [group] })),
  );
}

/** The columns of a group's curves; runs that have not started have none. */
export function groupColumns(group: ArmGroup): MetricColumn[] {
  return group.entries.find(({ run }) => run.columns.length > 0)?.run.columns ?? [];
}

/** Every quantity that some group records, accuracy and loss first. */
export function quantitiesOf(groups: readonly ArmGroup[]): string[] {
  return inOrder(groups.flatMap(groupColumns));
}

/** Every quantity that some run records, accuracy and loss first. */
export function quantitiesOfRuns(runs: readonly Pick<RunRecord, 'columns'>[]): string[] {
  return inOrder(runs.flatMap(({ columns }) => columns));
}

function inOrder(columns: readonly MetricColumn[]): string[] {
  const found = new Set(columns.map(({ quantity }) => quantity));
  const first = ['accuracy', 'loss'].filter((quantity) => found.has(quantity));
  return [...first, ...[...found].filter((quantity) => !first.includes(quantity))];
}

/** "5 seeds", and how many of them did not end well: "5 seeds (1 failed, 1 stopped)". */
export function seedsInWords(group: ArmGroup): string {
  const n = group.entries.length;
  const shown = (['failed', 'stopped', 'interrupted', 'paused'] as const).flatMap((status) => {
    const count = group.entries.filter(({ run }) => run.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  return `${n} ${n === 1 ? 'seed' : 'seeds'}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`;
}
