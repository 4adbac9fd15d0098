/**
 * The part of Markdown that notes use, as a tree: headings, paragraphs, lists, tables, code, emphasis, links. HTML is
 * text like any other, and only https links are links: rendering the tree cannot run anything.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'em'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] };

export type Block =
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'quote'; children: Inline[] }
  | { kind: 'code'; text: string }
  /** A figure drawn from stored runs: what stands between the braces of `{{figure …}}` (see `findings/directive.ts`). */
  | { kind: 'figure'; directive: string };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBERED = /^\s*\d+[.)]\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const FIGURE = /^\{\{figure\s+(.*?)\s*\}\}\s*$/;
const FENCE = /^(```|~~~)/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function parseMarkdown(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const line = (offset = 0): string | undefined => lines[at + offset];
  const isTable = (offset = 0): boolean =>
    (line(offset)?.includes('|') ?? false) &&
    (line(offset + 1)?.includes('-') ?? false) &&
    TABLE_RULE.test(line(offset + 1) ?? '');
  const startsBlock = (text: string): boolean =>
    text.trim() === '' ||
    [HEADING, BULLET, NUMBERED, QUOTE, FIGURE, FENCE].some((pattern) => pattern.test(text)) ||
    isTable();

  while (at < lines.length) {
    const text = line() as string;
    const heading = HEADING.exec(text);
    if (text.trim() === '') at += 1;
    else if (FENCE.test(text)) {
      const fence = text.slice(0, 3);
      const body: string[] = [];
      for (at += 1; at < lines.length && !line()?.startsWith(fence); at += 1) body.push(line() as string);
      at += 1;
      blocks.push({ kind: 'code', text: body.join('\n') });
    } else if (FIGURE.test(text)) {
      blocks.push({ kind: 'figure', directive: FIGURE.exec(text)?.[1] ?? '' });
      at += 1;
    } else if (heading !== null) {
      blocks.push({
        kind: 'heading',
        level: heading[1]?.length ?? 1,
        children: parseInline(heading[2] ?? ''),
      });
      at += 1;
    } else if (isTable()) {
      const head = cells(text);
      const rows: Inline[][][] = [];
      for (at += 2; line()?.includes('|') === true; at += 1) rows.push(cells(line() as string));
      blocks.push({ kind: 'table', head, rows });
    } else if (BULLET.test(text) || NUMBERED.test(text)) {
      const pattern = BULLET.test(text) ? BULLET : NUMBERED;
      const items: string[] = [];
      for (; at < lines.length; at += 1) {
        const item = pattern.exec(line() as string);
        if (item !== null) items.push(item[1] ?? '');
        else if (items.length > 0 && !startsBlock(line() as string))
          items.push(`${items.pop() ?? ''} ${(line() as string).trim()}`);
        else break;
      }
      blocks.push({ kind: 'list', ordered: pattern === NUMBERED, items: items.map(parseInline) });
    } else if (QUOTE.test(text)) {
      const body: string[] = [];
      for (let quote = QUOTE.exec(text); quote !== null; quote = QUOTE.exec(line() ?? '')) {
        body.push(quote[1] ?? '');
        at += 1;
      }
      blocks.push({ kind: 'quote', children: parseInline(body.join(' ')) });
    } else {
      const body = [text.trim()];
      for (at += 1; at < lines.length && !startsBlock(line() as string); at += 1)
        body.push((line() as string).trim());
      blocks.push({ kind: 'paragraph', children: parseInline(body.join(' ')) });
    }
  }
  return blocks;
}

function cells(row: string): Inline[][] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => parseInline(cell.trim().replaceAll('\\|', '|')));
}

/** A backslash before ASCII punctuation takes its meaning away, as in CommonMark. */
const INLINE =
  /\\(?<escaped>[!-/:-@[-`{-~])|(`+)(?<code>.+?)\2(?!`)|\*\*(?<strong>.+?)\*\*|(?<![\w*])\*(?<star>[^\s*](?:[^*]*[^\s*\\])?)\*|(?<!\w)_(?<under>[^\s_](?:[^_]*[^\s_])?)_(?!\w)|\[(?<label>[^\]]+)\]\((?<href>[^()\s]+)\)|<(?<auto>https:\/\/[^\s<>]+)>|(?<bare>https:\/\/[^\s<>()]+[^\s<>().,;:!?'"])/;

export function parseInline(source: string): Inline[] {
  const parts: Inline[] = [];
  const push = (part: Inline): void => {
    const last = parts.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') last.text += part.text;
    else if (part.kind !== 'text' || part.text !== '') parts.push(part);
  };
  let rest = source;
  for (let match = INLINE.exec(rest); match !== null; match = INLINE.exec(rest)) {
    push({ kind: 'text', text: rest.slice(0, match.index) });
    push(inlineOf(match));
    rest = rest.slice(match.index + match[0].length);
  }
  push({ kind: 'text', text: rest });
  return parts;
}

function inlineOf(match: RegExpExecArray): Inline {
  const { escaped, code, strong, star, under, label, href, auto, bare } = match.groups ?? {};
  if (escaped !== undefined) return { kind: 'text', text: escaped };
  if (code !== undefined) return { kind: 'code', text: code.trim() };
  if (strong !== undefined) return { kind: 'strong', children: parseInline(strong) };
  const emphasis = star ?? under;
  if (emphasis !== undefined) return { kind: 'em', children: parseInline(emphasis) };
  if (label !== undefined && href !== undefined) {
    return isSafe(href)
      ? { kind: 'link', href, children: parseInline(label) }
      : { kind: 'text', text: match[0] };
  }
  const address = auto ?? bare;
  if (address !== undefined && isSafe(address)) {
    return { kind: 'link', href: address, children: [{ kind: 'text', text: address }] };
  }
  return { kind: 'text', text: match[0] };
}

function isSafe(address: string): boolean {
  return /^https:\/\/[^\s/\\@?#]+(?:[/?#][^\s]*)?$/i.test(address);
}
