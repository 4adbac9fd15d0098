/** `latebloom claims`: what the stored runs say about a study's claims, computed anew each time. */
import { verdictWords, type ClaimVerdict, type Verdict } from '../../shared/claims.ts';
import { claimText, type DelayReport } from './delays-text.ts';
import { DONE, FAILED } from './failure.ts';
import { readReport } from './host.ts';
import { printJson, type Terminal } from './terminal.ts';

/**
 * Returns 1 when a claim fails, 0 otherwise: also when there is not enough data to say.
 * @param source a study's id, or a bundle's path; a bundle is read without touching the data folder
 */
export async function claimsCommand(
  source: string,
  { json }: { json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const report = await readReport(source, terminal);
  const counts = countVerdicts(report.claims);
  if (json === true) {
    const { studyId, study, claims } = report;
    printJson(terminal, { studyId, title: study.title, counts, claims });
  } else terminal.out(claimsText(report));
  return counts.fails > 0 ? FAILED : DONE;
}

export function countVerdicts(claims: readonly ClaimVerdict[]): Record<Verdict, number> {
  const count = (verdict: Verdict): number => claims.filter((one) => one.verdict === verdict).length;
  return { holds: count('holds'), fails: count('fails'), 'not-enough-data': count('not-enough-data') };
}

/** The verdicts with their reasons, and how many there are of each. */
export function claimsText({ studyId, study, claims }: DelayReport): string {
  const head = `${studyId}  ${study.title}\n\n`;
  if (claims.length === 0) return `${head}This study makes no checkable claim.\n`;
  const counts = Object.entries(countVerdicts(claims))
    .filter(([, n]) => n > 0)
    .map(([verdict, n]) => `${n} ${verdictWords[verdict as Verdict]}`);
  return `${head}${claims.map(claimText).join('')}\nOf ${claims.length}: ${counts.join(', ')}.\n`;
}
