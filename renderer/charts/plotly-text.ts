/** Names and words in the form that Plotly can hold. */

/** A key as Plotly can hold it: it puts trace ids into CSS selectors unescaped. Different keys stay different. */
export function traceId(key: string): string {
  return key.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`);
}

/** Text that Plotly shows as it stands: it reads `<a>`, `<b>` and entities, and titles come from imported files. */
export function plainText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('%{', '%\u200b{');
}
