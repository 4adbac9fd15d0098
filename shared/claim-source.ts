/** Where a claim comes from, in words: what is only recalled or said by others is never shown as published. */
import type { Claim, Provenance } from './claim-spec.ts';

/** How it is known, for a claim that says so. */
export const provenanceWords: Record<Provenance, string> = {
  paper: 'read in the paper',
  code: "read in the authors' code",
  'third-party': 'as others report it, not checked against the paper',
  computed: 'calculated, not stated by the paper',
  recalled: 'from memory, not checked against the paper',
  ours: "ours, not the paper's",
};

const unpublished: readonly Provenance[] = ['third-party', 'computed', 'recalled', 'ours'];

/** Whether the source itself says so, as far as is known. */
export function isPublished({ provenance }: Pick<Claim, 'provenance'>): boolean {
  return isPublishedAs(provenance);
}

function isPublishedAs(provenance: Provenance | undefined): boolean {
  return provenance === undefined || !unpublished.includes(provenance);
}

/** "Nanda et al. 2023, Figure 7; read in the paper", "after Liu et al. 2022, §4; from memory, not checked against the paper". */
export function sourceWords({ source, provenance }: Pick<Claim, 'source' | 'provenance'>): string {
  if (provenance === undefined) return source;
  const name = isPublishedAs(provenance) ? source : `after ${source}`;
  return `${name}; ${provenanceWords[provenance]}`;
}

/** The paper's own sentence, in quotation marks; empty where there is none, or it is not known to be the paper's. */
export function quoteWords({ quote, provenance }: Pick<Claim, 'quote' | 'provenance'>): string {
  if (quote === undefined) return '';
  return isPublishedAs(provenance) ? `“${quote}”` : `As recalled or reported, not as published: ${quote}`;
}
