/** A picture as a tree of SVG elements: a window makes elements of it, a report makes text of it, and neither runs anything. */

export interface SvgNode {
  tag: string;
  attributes: Record<string, string | number>;
  children: (SvgNode | string)[];
}

export function node(
  tag: string,
  attributes: Record<string, string | number> = {},
  children: (SvgNode | string)[] = [],
): SvgNode {
  return { tag, attributes, children };
}

/** Tenths of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  look: Record<string, string | number>,
): SvgNode {
  return node('line', { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), ...look });
}

export function text(
  words: string,
  x: number,
  y: number,
  look: Record<string, string | number> = {},
): SvgNode {
  return node('text', { x: round(x), y: round(y), ...look }, [words]);
}

/** The tree as XML, which is also HTML where it stands in a page. */
export function svgText({ tag, attributes, children }: SvgNode): string {
  const names = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
  const inner = children.map((child) => (typeof child === 'string' ? escapeXml(child) : svgText(child)));
  return inner.length === 0 ? `<${tag}${names}/>` : `<${tag}${names}>${inner.join('')}</${tag}>`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute; characters that XML cannot hold are left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}
