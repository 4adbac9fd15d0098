/** What is stored as commands: presets, studies, runs, drafts and saved comparisons, each to be opened or started. */
import { scalesOf, type Preset, type ScaledStudy } from '../../shared/preset.ts';
import type { RunRecord, StudyRecord } from '../../shared/run.ts';
import { runTitle } from '../../shared/sweep.ts';
import type { StoredDraft } from '../db/drafts.ts';
import type { StoredView } from '../db/views.ts';
import { formatWhen } from '../components/format.ts';
import { routeHash, studyHash } from '../stores/router.svelte.ts';
import { statusOrder, studyProgress } from '../stores/progress.ts';
import type { Command } from './command.ts';

export interface Stored {
  presets: readonly Preset[];
  studies: readonly StudyRecord[];
  runs: readonly RunRecord[];
  runsByStudy: ReadonlyMap<string, readonly RunRecord[]>;
  drafts: readonly StoredDraft[];
  views: readonly StoredView[];
  /** Whether the host answers: without it nothing can be started. */
  isOnline: boolean;
}

export interface EntityActions {
  open(hash: string): void;
  start(scaled: ScaledStudy): void;
}

export function entityCommands(stored: Stored, actions: EntityActions): Command[] {
  return [
    ...presetCommands(stored, actions),
    ...studyCommands(stored, actions),
    ...runCommands(stored, actions),
    ...stored.views.map((view): Command => {
      const hash = routeHash({ view: 'comparisons', query: view.query });
      return {
        id: `comparison:${view.id}`,
        title: view.name,
        group: 'comparisons',
        detail: `saved ${formatWhen(view.savedAt)}`,
        run: () => actions.open(hash),
      };
    }),
    ...stored.drafts.map(({ id, study, changedAt }): Command => {
      const hash = routeHash({ view: 'compose', id });
      return {
        id: `draft:${id}`,
        title: String(study['title'] ?? '') || 'Untitled study',
        group: 'drafts',
        detail: `changed ${formatWhen(changedAt)}`,
        run: () => actions.open(hash),
      };
    }),
  ];
}

function presetCommands({ presets, isOnline }: Stored, { open, start }: EntityActions): Command[] {
  const opening = presets.map(({ study }): Command => ({
    id: `preset:${study.id}`,
    title: study.title,
    group: 'presets',
    detail: 'open',
    words: `${study.id} ${study.question} ${study.arms.map(({ title }) => title).join(' ')}`,
    run: () => open(routeHash({ view: 'preset', id: study.id })),
  }));
  const starting = presets.map((preset): Command => {
    const [quick] = scalesOf(preset);
    return {
      id: `run-preset:${preset.study.id}`,
      title: `Run ${preset.study.title}`,
      group: 'presets',
      detail: quick.scale === 'cpu' ? 'at the cpu scale' : 'at the paper scale',
      words: `start ${preset.study.id}`,
      enabled: isOnline,
      run: () => start(quick),
    };
  });
  return [...opening, ...starting];
}

function studyCommands({ studies, runsByStudy }: Stored, { open }: EntityActions): Command[] {
  return studies.map((record): Command => {
    const { counts } = studyProgress(runsByStudy.get(record.id) ?? []);
    const status = statusOrder
      .filter((one) => counts[one] > 0)
      .map((one) => `${counts[one].toLocaleString('en-US')} ${one}`)
      .join(', ');
    return {
      id: `study:${record.id}`,
      title: record.study.title,
      group: 'studies',
      detail: `${formatWhen(record.createdAt)} · ${status}`,
      words: `${record.id} ${record.imported === null ? '' : 'imported'}`,
      run: () => open(studyHash(record.id)),
    };
  });
}

/** A record never changes, it is replaced: its command is made once per study's title. */
const made = new WeakMap<RunRecord, { study: string; title: string; words: string }>();

function runCommands({ runs, studies }: Stored, { open }: EntityActions): Command[] {
  const titles = new Map(studies.map(({ id, study }) => [id, study.title]));
  return runs.map((run): Command => {
    const study = titles.get(run.studyId) ?? run.studyId;
    let text = made.get(run);
    if (text?.study !== study) {
      text = { study, title: `${runTitle(run)}, seed ${run.seed}`, words: `${run.id} ${run.armId} ${study}` };
      made.set(run, text);
    }
    return {
      id: `run:${run.id}`,
      title: text.title,
      group: 'runs',
      detail: run.status,
      words: text.words,
      run: () => open(routeHash({ view: 'run', id: run.id })),
    };
  });
}
