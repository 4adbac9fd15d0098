/** The files of a bundle that are written for people: README.md, LICENSE.txt and a static page without script. */
import { escapeXml } from '../../shared/charts/svg-node.ts';
import { delayTable, type RunDelayRow, type RunWithCurve } from '../../shared/delay-table.ts';
import { formatDuration, formatEffort, formatEvent, formatRatio } from '../../shared/format.ts';
import type { EnvironmentRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';
import { armWords } from '../../shared/sweep.ts';
import { NO_LICENCE, type Licence } from './licence.ts';

export interface DocumentInput {
  study: Study;
  runs: readonly RunWithCurve[];
  licence: Licence;
  author: string;
  environment: EnvironmentRecord;
  published: string;
}

export function licenceText({ licence, author }: DocumentInput): string {
  if (licence.id === NO_LICENCE) {
    return [
      `The author of this study bundle (${author}) has stated no licence. Its content may be read and checked;`,
      'ask its author before you reuse it. Latebloom itself, which made this bundle, has its own licence.',
      '',
    ].join('\n');
  }
  return [
    `The content of this study bundle, by ${author}, is available under:`,
    '',
    `${licence.name}${licence.id === licence.name ? '' : ` (${licence.id})`}`,
    licence.url,
    '',
    'The full text is at that address. Latebloom itself, which made this bundle, has its own licence.',
    '',
  ].join('\n');
}

function licenceLine(licence: Licence): string {
  return licence.id === NO_LICENCE ? 'none stated' : `${licence.name} (${licence.url})`;
}

export function readmeText(input: DocumentInput): string {
  const { study, author, licence, environment, published } = input;
  return `# ${study.title}

${study.question}

By ${author}. Licence: ${licenceLine(licence)}. Last change to the content: ${published}.
${study.paper === null ? '' : `After: ${study.paper.citation.replace(/\.$/, '')}, https://arxiv.org/abs/${study.paper.arxiv}.\n`}Written by Latebloom ${environment.appVersion}.

## What is here
- \`study.json\`: the plan. \`latebloom run study.json\` runs it again.
- \`runs/<run>/run.json\`: settings as run, seed, status, machine, error, content id of one run.
- \`runs/<run>/metrics.csv\`: its curve, one row per recorded effort. Every number reads back to the same float64; NaN and
  Infinity are spelled out.
- \`runs/<run>/snapshots.npz\`: what the model looked like inside at chosen efforts, where its family has such
  pictures: \`numpy.load\`; keys are \`snapshots/<effort>/<panel>.<part>\`, described by \`panels\` in \`run.json\`.
- \`analysis.json\`: fit step, generalization step and delay per run and arm, the estimators, the verdict on every claim.
- \`report.html\`: the study for people, with its figures; opens in any browser, with no network and no script.
- \`findings.md\`, \`views.json\`: the author's notes and saved comparisons, where there are any.
- \`figures/\`: each figure of the report as SVG, and as CSV exactly the points drawn.
- \`record.json\`, \`environment.json\`: the list of runs; the machine that wrote this bundle.
- \`schema/\`: a JSON Schema for each of these files.
- \`ro-crate-metadata.json\`: RO-Crate 1.1, Process Run Crate 0.5. \`ro-crate-preview.html\`: a summary to look at.

## How to check it
- \`latebloom verify NAME.study.zip\` checks structure, checksums, schemas, metadata, and that the analysis follows from
  the curves.
- With no special tool: unzip, then in the folder with \`bagit.txt\`: \`sha512sum -c manifest-sha512.txt\`.
- As an RO-Crate: \`rocrate-validator validate data/\`.

The study's identity is the SHA-256 of \`manifest-sha512.txt\`, not of the zip file.

## Runs
${runTable(input.runs)}`;
}

const headers = [
  'Arm',
  'Seed',
  'Status',
  'Effort unit',
  'Fit step',
  'Generalization step',
  'Delay',
  'Delay ratio',
];

function rowCells(row: RunDelayRow): string[] {
  return [
    armWords(row.arm, row.point),
    String(row.seed),
    row.effort < 0 ? row.status : `${row.status} at ${formatEffort(row.effort)}`,
    row.effortUnit,
    formatEvent(row.result.fit),
    formatEvent(row.result.generalization),
    formatDuration(row.result.delay),
    formatDuration(row.result.delayRatio, formatRatio),
  ];
}

function runTable(runs: readonly RunWithCurve[]): string {
  const lines = [headers, headers.map(() => '--'), ...delayTable(runs).runs.map(rowCells)];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** A page that loads nothing and runs nothing. */
export function previewPage(input: DocumentInput): string {
  const { study, author, licence, environment, published } = input;
  const rows = delayTable(input.runs)
    .runs.map(
      (row) =>
        `<tr>${rowCells(row)
          .map((cell) => `<td>${escapeXml(cell)}</td>`)
          .join('')}</tr>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(study.title)}</title>
<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums}</style>
</head>
<body>
<h1>${escapeXml(study.title)}</h1>
<p>${escapeXml(study.question)}</p>
<p>By ${escapeXml(author)}. Licence: ${escapeXml(licenceLine(licence))}. Last change to the content:
${escapeXml(published)}. Written by Latebloom ${escapeXml(environment.appVersion)}.</p>
<table>
<thead><tr>${headers.map((header) => `<th scope="col">${header}</th>`).join('')}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
<p>The files are described in README.md and ro-crate-metadata.json.</p>
</body>
</html>
`;
}
