/** Studies of synthetic runs: records as the host writes them, and curves that are made in the page. */
import type { MetricColumn, RunRecord, StudyRecord } from '../../shared/run.ts';
import { arm, runRecord, studyRecord } from '../unit/renderer/records.ts';

export interface Size {
  runs: number;
  metrics: number;
  points: number;
}

export const RUNS_PER_STUDY = 50;
const SEEDS = 5;

/** Train and test accuracy and loss, then measures of one column each. */
export function columnsOf(metrics: number): MetricColumn[] {
  const split = (name: 'train' | 'test', quantity: string): MetricColumn => ({
    name: `${name}${quantity.charAt(0).toUpperCase()}${quantity.slice(1)}`,
    label: `${name} ${quantity}`,
    quantity,
    unit: '',
    split: name,
    direction: null,
  });
  const own = [
    split('train', 'accuracy'),
    split('test', 'accuracy'),
    split('train', 'loss'),
    split('test', 'loss'),
  ];
  const measures = Array.from({ length: Math.max(0, metrics - own.length) }, (_, i): MetricColumn => {
    const name = `measure ${i + 1}`;
    return { name, label: name, quantity: name, unit: '', split: null, direction: null };
  });
  return [...own.slice(0, metrics), ...measures];
}

/** Runs of finished studies of 10 arms with 5 seeds each, whose curves are three chunks of one batch. */
export function records({ runs, metrics, points }: Size): { studies: StudyRecord[]; runs: RunRecord[] } {
  const columns = columnsOf(metrics);
  const all = Array.from({ length: runs }, (_, i): RunRecord => {
    const studyId = `bench-${String(Math.floor(i / RUNS_PER_STUDY)).padStart(3, '0')}`;
    const place = i % RUNS_PER_STUDY;
    const armId = `arm-${Math.floor(place / SEEDS)}`;
    return runRecord(`${studyId}.${armId}.s${place % SEEDS}`, {
      studyId,
      armId,
      arm: { ...arm, id: armId, title: `Arm ${armId.slice(4)}`, budget: { maxEffort: 10 * points } },
      seed: place % SEEDS,
      status: 'finished',
      columns,
      effort: 10 * (points - 1),
      batches: Math.ceil(points / 4096),
      contentId: i.toString(16).padStart(64, '0'),
    });
  });
  const ids = [...new Set(all.map(({ studyId }) => studyId))];
  const studies = ids.map((id) => {
    const own = all.filter(({ studyId }) => studyId === id);
    const record = studyRecord(
      id,
      own.map((run) => run.id),
    );
    const arms = [...new Map(own.map((run) => [run.armId, run.arm])).values()];
    return { ...record, study: { ...record.study, id, title: `Study ${id}`, arms } };
  });
  return { studies, runs: all };
}
