/** Pieces of a page that holds no script and loads nothing. Every text is escaped where it enters. */
import { escapeXml } from '../../shared/charts/svg-node.ts';
import { formatCell, type FigureTable } from '../../shared/charts/table.ts';
import type { WordTable } from '../../shared/findings/tables.ts';
import { parseMarkdown, type Block, type Inline } from '../../shared/markdown.ts';

export const escaped = escapeXml;

/** @param figure what stands in the place of a `{{figure …}}` */
export function markdownHtml(
  source: string,
  topLevel: number,
  figure: (directive: string) => string,
): string {
  return parseMarkdown(source)
    .map((block) => blockHtml(block, topLevel, figure))
    .join('\n');
}

function blockHtml(block: Block, topLevel: number, figure: (directive: string) => string): string {
  switch (block.kind) {
    case 'heading': {
      const tag = `h${Math.min(6, block.level + topLevel - 1)}`;
      return `<${tag}>${inlineHtml(block.children)}</${tag}>`;
    }
    case 'paragraph':
      return `<p>${inlineHtml(block.children)}</p>`;
    case 'quote':
      return `<blockquote>${inlineHtml(block.children)}</blockquote>`;
    case 'code':
      return `<pre tabindex="0">${escaped(block.text)}</pre>`;
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul';
      return `<${tag}>${block.items.map((item) => `<li>${inlineHtml(item)}</li>`).join('')}</${tag}>`;
    }
    case 'table':
      return scrolled(
        'Table in the notes',
        `<table><thead><tr>${block.head.map((cell) => `<th scope="col">${inlineHtml(cell)}</th>`).join('')}</tr></thead>` +
          `<tbody>${block.rows.map((row) => `<tr>${row.map((cell) => `<td>${inlineHtml(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table>`,
      );
    case 'figure':
      return figure(block.directive);
  }
}

function inlineHtml(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return escaped(part.text);
        case 'code':
          return `<code>${escaped(part.text)}</code>`;
        case 'strong':
          return `<strong>${inlineHtml(part.children)}</strong>`;
        case 'em':
          return `<em>${inlineHtml(part.children)}</em>`;
        case 'link':
          return `<a href="${escaped(part.href)}" rel="noreferrer">${inlineHtml(part.children)}</a>`;
      }
    })
    .join('');
}

/** A wide table scrolls by itself, and by keyboard. */
function scrolled(label: string, table: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(label)}">${table}</div>`;
}

export function tableHtml(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('');
  const body = rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`,
      );
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('\n');
  return scrolled(
    caption,
    `<table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`,
  );
}

export function wordTableHtml({ title, columns, rows, notes }: WordTable): string {
  return `${tableHtml(title, columns, rows)}${notesHtml(notes)}`;
}

export function notesHtml(notes: readonly string[]): string {
  return notes.map((note) => `<p class="note">${escaped(note)}</p>`).join('');
}

/** Leading columns that say where a point comes from, and are the same for all points of a line. */
const LEAD = 5;

/** The points of a figure, folded away; the points of one line stand under one heading. */
export function pointsHtml(title: string, table: FigureTable): string {
  const isPoints = table.columns[0] === 'arm' && table.columns[LEAD] === 'x';
  const body = isPoints ? groupedRows(table) : plainRows(table.rows);
  const columns = isPoints ? table.columns.slice(LEAD) : table.columns;
  const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('');
  const count = `${table.rows.length.toLocaleString('en-US')} ${table.rows.length === 1 ? 'row' : 'rows'}`;
  return (
    `<details><summary>The ${isPoints ? 'points drawn' : 'numbers'} as a table (${count})</summary>` +
    scrolled(
      `${title}: points`,
      `<table class="points"><caption>${escaped(title)}</caption><thead><tr>${head}</tr></thead>${body}</table>`,
    ) +
    '</details>'
  );
}

function plainRows(rows: FigureTable['rows']): string {
  return `<tbody>${rows.map(rowHtml).join('\n')}</tbody>`;
}

function groupedRows({ columns, rows }: FigureTable): string {
  const width = columns.length - LEAD;
  const parts: string[] = [];
  let heading = '';
  for (const row of rows) {
    const [arm, seed, column, statistic, unit] = row;
    const words = `${arm}${seed === null ? '' : `, seed ${seed}`}: ${column}, ${statistic}, over ${unit}`;
    if (words !== heading) {
      if (heading !== '') parts.push('</tbody>');
      parts.push(`<tbody><tr><th colspan="${width}" scope="rowgroup">${escaped(words)}</th></tr>`);
      heading = words;
    }
    parts.push(rowHtml(row.slice(LEAD)));
  }
  return `${parts.join('\n')}${heading === '' ? '' : '</tbody>'}`;
}

function rowHtml(row: readonly (string | number | null)[]): string {
  return `<tr>${row.map((cell) => `<td>${escaped(formatCell(cell))}</td>`).join('')}</tr>`;
}
