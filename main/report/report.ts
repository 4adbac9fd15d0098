/**
 * A study as one page that needs no network and no script: the question, the arms as they were run, notes with their
 * figures, delays, verdicts, the machines, and who is to be cited. Figures are those of the window, by the same code.
 */
import { groupEntries, quantitiesOfRuns } from '../../shared/charts/groups.ts';
import { gridArms } from '../../shared/charts/sweep-grid.ts';
import { figureSvg } from '../../shared/charts/svg.ts';
import { svgText } from '../../shared/charts/svg-node.ts';
import { figureTable, tableCsv } from '../../shared/charts/table.ts';
import { sourceWords } from '../../shared/claim-source.ts';
import { confidenceLines, evaluateClaims, verdictWords, type ClaimVerdict } from '../../shared/claims.ts';
import type { EnvironmentRecord, RunRecord, StudyRecord } from '../../shared/run.ts';
import { endedStatuses } from '../../shared/run.ts';
import { printDirective } from '../../shared/findings/directive.ts';
import {
  ANY,
  drawDirective,
  quantitiesDrawn,
  type FigureSource,
  type FindingsFigure,
} from '../../shared/findings/figures.ts';
import type { SavedView } from '../../shared/findings/findings.ts';
import { claimsTable, delaysTable } from '../../shared/findings/tables.ts';
import { compareSettings } from '../../shared/settings-words.ts';
import type { Licence } from '../bundle/licence.ts';
import { NO_LICENCE } from '../bundle/licence.ts';
import type { StudyDigest } from '../study-digest.ts';
import { escaped, markdownHtml, notesHtml, pointsHtml, tableHtml, wordTableHtml } from './html.ts';
import { reportStyle } from './style.ts';

export interface ReportInput {
  study: StudyRecord;
  digest: StudyDigest;
  notes: string;
  views: readonly SavedView[];
  licence: Pick<Licence, 'id' | 'name' | 'url'>;
  author: string;
  /** The program that writes the report. */
  environment: EnvironmentRecord;
  /** The last change to the content, ISO 8601. */
  published: string;
}

/** A figure of the report as files: the picture, and the points drawn. A table has no picture. */
export interface ReportFigure {
  id: string;
  title: string;
  svg: string | null;
  csv: string;
}

export interface Report {
  html: string;
  figures: ReportFigure[];
}

/** More runs than this have no row each in the picture of delays. */
const MOST_BARS = 60;

/** What the digest of a study has to keep for its report. */
export function reportQuantities(
  runs: readonly Pick<RunRecord, 'columns'>[],
  findings: { notes: string; views: readonly SavedView[] },
): string[] {
  return quantitiesDrawn(findings.notes, findings.views, quantitiesOfRuns(runs));
}

export function buildReport(input: ReportInput): Report {
  const verdicts = evaluateClaims(input.study.study, input.digest.runs);
  const source: FigureSource = {
    study: input.study,
    entriesOf: (quantity) => input.digest.entriesOf(quantity),
    verdicts: () => verdicts,
    views: input.views,
  };
  const drawing = new Drawing(source);
  const { study } = input.study;
  const sections = [
    headHtml(input),
    ...(input.notes.trim() === ''
      ? []
      : [
          section(
            'Notes',
            markdownHtml(input.notes, 3, (directive) => drawing.directive(directive)),
          ),
        ]),
    section('Figures', standardFigures(source, drawing)),
    section(
      'Delays',
      wordTableHtml({
        ...delaysTable(groupEntries(source.entriesOf(ANY), [input.study])),
        title: 'Delays by arm',
      }),
    ),
    ...(study.claims.length === 0 ? [] : [section('Claims', verdictsHtml(verdicts))]),
    section('Arms as they were run', armsHtml(input.study)),
    section('Runs', runsHtml(input.digest.runs.map(({ run }) => run))),
    section('Computed with', environmentHtml(input)),
    section('Citation and licence', citationHtml(input)),
  ];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(study.title)}: report</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`;
  drawing.table(
    'Delays by arm',
    tableCsv(delaysTable(groupEntries(source.entriesOf(ANY), [input.study])).data),
  );
  if (study.claims.length > 0) drawing.table('Claims', tableCsv(claimsTable(verdicts).data));
  return { html, figures: drawing.figures };
}

/** Draws figures, and keeps them as files; one that is asked for twice is one file. */
class Drawing {
  readonly figures: ReportFigure[] = [];
  readonly #source: FigureSource;
  readonly #drawn = new Map<string, string>();

  constructor(source: FigureSource) {
    this.#source = source;
  }

  directive(text: string): string {
    const known = this.#drawn.get(text);
    if (known !== undefined) return known;
    const html = drawDirective(text, this.#source)
      .map((figure) => this.#html(figure, text))
      .join('\n');
    this.#drawn.set(text, html);
    return html;
  }

  /** Whether the figure stands in the report already. */
  has(text: string): boolean {
    return this.#drawn.has(text);
  }

  table(title: string, csv: string): void {
    this.#keep(title, null, csv);
  }

  #html(figure: FindingsFigure, directive: string): string {
    if (figure.kind === 'fault') {
      return `<p class="fault"><strong>No figure here.</strong> ${escaped(figure.fault)} <code>${escaped(`{{figure ${directive}}}`)}</code></p>`;
    }
    if (figure.kind === 'table') {
      this.#keep(figure.table.title, null, tableCsv(figure.table.data));
      return `<figure>${wordTableHtml(figure.table)}</figure>`;
    }
    const { xScale, yScale } = figure;
    const table = figureTable(figure.figure);
    const alone = svgText(figureSvg(figure.figure, { xScale, yScale, alone: true }));
    this.#keep(figure.figure.title, `${alone}\n`, tableCsv(table));
    return (
      `<figure><figcaption>${escaped(figure.figure.title)}</figcaption>` +
      svgText(figureSvg(figure.figure, { xScale, yScale })) +
      notesHtml(figure.figure.notes) +
      pointsHtml(figure.figure.title, table) +
      '</figure>'
    );
  }

  #keep(title: string, svg: string | null, csv: string): void {
    const number = String(this.figures.length + 1).padStart(2, '0');
    this.figures.push({ id: `${number}-${stemOf(title)}`, title, svg, csv });
  }
}

/** Words of a title for a file's name. */
function stemOf(title: string): string {
  const words = (title.split(':')[0] as string)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-+|-+$/g, '');
  return words === '' ? 'figure' : words;
}

/** What every report shows, where the notes do not show it already. */
function standardFigures(source: FigureSource, drawing: Drawing): string {
  const entries = source.entriesOf(ANY);
  const runs = entries.map(({ run }) => run);
  const [quantity = null] = quantitiesOfRuns(runs);
  const maps = gridArms(groupEntries(entries, [source.study])).map(({ key }) => key.split('/')[1] ?? null);
  const directives = [
    ...(quantity === null ? [] : [printDirective({ kind: 'curves', quantity, axis: 'effort', arms: [] })]),
    ...(runs.length > MOST_BARS || runs.length === 0
      ? []
      : [printDirective({ kind: 'bars', axis: 'effort', arms: [] })]),
    ...maps.map((arm) => printDirective({ kind: 'map', of: 'phase', arm, x: null, y: null })),
  ].map((line) => line.replace(/^\{\{figure |\}\}$/g, ''));
  const fresh = directives.filter((directive) => !drawing.has(directive));
  const html = fresh.map((directive) => drawing.directive(directive));
  return html.length === 0 ? '<p>They stand in the notes.</p>' : html.join('\n');
}

function section(title: string, content: string): string {
  return `<section><h2>${escaped(title)}</h2>\n${content}\n</section>`;
}

function headHtml({ study: record, digest, author, licence, published }: ReportInput): string {
  const { study } = record;
  const open = digest.runs.filter(({ run }) => !endedStatuses.includes(run.status)).length;
  return `<header>
<h1>${escaped(study.title)}</h1>
<p class="question">${escaped(study.question)}</p>
<p>By ${escaped(author)}. ${escaped(licenceWords(licence))} ${digest.runs.length.toLocaleString('en-US')} runs; last change ${escaped(published)}.</p>
${open === 0 ? '' : `<p class="fault"><strong>${open} of the runs had not ended</strong> when this was written: what is said below may still change.</p>`}
</header>`;
}

function licenceWords({ id, name }: Pick<Licence, 'id' | 'name'>): string {
  return id === NO_LICENCE ? 'No licence is stated.' : `Licence: ${name}.`;
}

const signs = { holds: '✓', fails: '✕', 'not-enough-data': '○' } as const;

function verdictsHtml(verdicts: readonly ClaimVerdict[]): string {
  return `<ol class="claims">${verdicts
    .map((one) => {
      const { claim, verdict, why, left, right } = one;
      const counted = [left, right]
        .filter(({ n }) => n > 0)
        .map(({ n, censored }) => `n = ${n}${censored > 0 ? `, ${censored} censored` : ''}`);
      return `<li><p><strong class="${verdict}">${signs[verdict]} ${escaped(verdictWords[verdict])}</strong> ${escaped(claim.text)}</p>
<p>${escaped(why)}</p>
${confidenceLines(one)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('')}
<p class="note">${escaped(sourceWords(claim))}${counted.length === 0 ? '' : `. ${escaped([...new Set(counted)].join('; '))}`}</p></li>`;
    })
    .join('\n')}</ol>`;
}

function armsHtml({ study }: StudyRecord): string {
  const rows = compareSettings(study.arms).map(({ group, name, key, values }) => [
    `${group}: ${name} (${key})`,
    ...values.map((value) => value ?? '—'),
  ]);
  const swept = study.arms.some((arm) => 'sweep' in arm && arm.sweep !== undefined);
  return (
    tableHtml('Settings of the arms', ['Setting', ...study.arms.map(({ title }) => title)], rows) +
    (swept
      ? notesHtml([
          'Swept settings are shown as the study states them; each sweep point has runs of its own.',
        ])
      : '')
  );
}

function runsHtml(runs: readonly RunRecord[]): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  const words = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  const troubled = runs.filter(({ status }) => status !== 'finished');
  return (
    `<p>${escaped(words)}.</p>` +
    (troubled.length === 0
      ? ''
      : tableHtml(
          'Runs that did not finish',
          ['Run', 'Status', 'Last effort', 'Why'],
          troubled.map((run) => [
            run.id,
            run.status,
            String(run.effort),
            [run.error?.message ?? '', run.note ?? ''].filter((one) => one !== '').join(' ') || '—',
          ]),
        ))
  );
}

/** Each machine that computed runs, with the engines that did. */
function environmentHtml({ digest, environment }: ReportInput): string {
  const machines = new Map<string, { run: RunRecord; count: number }>();
  for (const { run } of digest.runs) {
    const key = JSON.stringify([
      run.environment,
      run.backend?.engine,
      run.backend?.engineVersion,
      run.backend?.device,
    ]);
    const known = machines.get(key);
    if (known === undefined) machines.set(key, { run, count: 1 });
    else known.count += 1;
  }
  const rows = [...machines.values()].map(({ run, count }) => [
    `${count} ${count === 1 ? 'run' : 'runs'}`,
    run.backend === null ? 'not known' : `${run.backend.engine} ${run.backend.engineVersion ?? ''}`.trim(),
    run.backend === null
      ? 'not known'
      : `${run.backend.device}, ${run.backend.precision}, ${run.backend.threads} threads`,
    `${run.environment.os} ${run.environment.osRelease} (${run.environment.arch})`,
    run.environment.cpu ?? 'not known',
    `${run.environment.app} ${run.environment.appVersion}, Node.js ${run.environment.node}`,
  ]);
  return (
    tableHtml('Machines and engines', ['Runs', 'Engine', 'Device', 'System', 'Processor', 'Program'], rows) +
    notesHtml([`This page was written by Latebloom ${environment.appVersion}.`])
  );
}

function citationHtml({ study: record, author, licence, published }: ReportInput): string {
  const { study } = record;
  const paper =
    study.paper === null
      ? ''
      : `<p>After: ${escaped(study.paper.citation)} <a href="https://arxiv.org/abs/${escaped(encodeURI(study.paper.arxiv))}" rel="noreferrer">arXiv ${escaped(study.paper.arxiv)}</a>.</p>`;
  const terms =
    licence.id === NO_LICENCE
      ? '<p>No licence is stated: ask the author before you reuse this.</p>'
      : `<p>Available under ${escaped(licence.name)}${/^https?:/.test(licence.url) ? ` (<a href="${escaped(licence.url)}" rel="noreferrer">${escaped(licence.url)}</a>)` : ''}.</p>`;
  return `<p>${escaped(author)} (${escaped(published.slice(0, 4))}). <cite>${escaped(study.title)}</cite>. Study ${escaped(record.id)}, SHA-256 of its plan ${escaped(record.studyHash)}.</p>
${paper}
${terms}`;
}
