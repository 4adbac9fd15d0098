/** What a run's page says of it beside its curves, as rows of name and value. What is unknown is said to be. */
import { formatBytes, formatEffort } from '../../shared/format.ts';
import { endedEarly, type MetricColumn, type RunCurve, type RunRecord } from '../../shared/run.ts';
import { formatPercent, formatSeconds, formatValue, formatWhen } from './format.ts';

export interface Fact {
  name: string;
  value: string;
}

const UNKNOWN = 'not known';

/** When it ran, on how much data, and what identifies it. */
export function recordFacts(run: RunRecord): Fact[] {
  const seconds = run.latest['seconds'];
  const when = (iso: string | null, otherwise: string): string =>
    iso === null ? otherwise : formatWhen(iso);
  return facts({
    'run id': run.id,
    seed: String(run.seed),
    queued: formatWhen(run.createdAt),
    started: when(run.startedAt, 'not yet'),
    ended: when(run.endedAt, 'not yet'),
    'computing time': seconds === undefined ? 'none yet' : formatSeconds(seconds),
    'unit of effort': run.effortUnit,
    'efforts per epoch': formatValue(run.effortsPerEpoch),
    'training examples': run.trainSize.toLocaleString('en-US'),
    'test examples': run.testSize.toLocaleString('en-US'),
    'last checkpoint':
      run.checkpointEffort === null ? 'none' : `${run.effortUnit} ${formatEffort(run.checkpointEffort)}`,
    ...(run.arm.budget.extendedFrom === undefined
      ? {}
      : { 'budget extended from': run.arm.budget.extendedFrom.map(formatEffort).join(', then ') }),
    ...(endedEarly(run) ? { 'ended before its budget': 'it had generalized' } : {}),
    'SHA-256 of the study': run.studyHash,
    'SHA-256 of the content': run.contentId ?? 'none before the run has ended',
  });
}

/** What computed it; null before a trainer has said so. */
export function backendFacts({ backend }: RunRecord): Fact[] | null {
  if (backend === null) return null;
  return facts({
    engine: backend.engine,
    'engine version': backend.engineVersion ?? UNKNOWN,
    device: backend.device,
    precision: backend.precision,
    threads: String(backend.threads),
    ...(backend.lanes === undefined ? {} : { 'runs in one program': `up to ${backend.lanes}` }),
    ...(backend.fallback === null ? {} : { fallback: backend.fallback }),
  });
}

/** The machine and the libraries it was queued on. */
export function environmentFacts({ environment }: RunRecord): Fact[] {
  return facts({
    program: `${environment.app} ${environment.appVersion}`,
    'operating system': `${environment.os} ${environment.osRelease} (${environment.arch})`,
    processor: `${environment.cpu ?? UNKNOWN} (${environment.cores} ${environment.cores === 1 ? 'core' : 'cores'})`,
    memory: formatBytes(environment.memoryBytes),
    'graphics card': environment.gpu ?? UNKNOWN,
    'Node.js': environment.node,
    Electron: environment.electron ?? 'not used',
    ...environment.libraries,
  });
}

function facts(values: Record<string, string>): Fact[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

export interface MeasureFact {
  column: MetricColumn;
  value: string;
  /** The effort at which it was last measured; null where it never was. */
  effort: number | null;
}

/** Every column's newest measured value: a sparse one was not measured at the last row. */
export function measureFacts(run: RunRecord, curve: RunCurve | null): MeasureFact[] {
  const efforts = curve?.columns['effort'];
  return run.columns.map((column) => {
    const row = curve?.columns[column.name]?.findLastIndex((value) => !Number.isNaN(value)) ?? -1;
    if (row < 0) return { column, value: 'not measured', effort: null };
    const value = curve?.columns[column.name]?.[row] as number;
    const format = column.quantity === 'accuracy' ? formatPercent : formatValue;
    const said = `${format(value)}${column.unit === '' ? '' : ` ${column.unit}`}`;
    return { column, value: said, effort: efforts?.[row] ?? null };
  });
}
