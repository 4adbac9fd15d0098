/** `latebloom claims`: what the stored runs say about a study's claims, computed anew each time. */
import { claimEvidence, type Evidence } from '../../shared/claim-evidence.ts';
import { countVerdicts, verdictWords, type Verdict } from '../../shared/claims.ts';
import { claimText, type DelayReport } from './delays-text.ts';
import { DONE, FAILED } from './failure.ts';
import { count } from './format.ts';
import { readReport } from './host.ts';
import { printJson, type Terminal } from './terminal.ts';

/**
 * Returns 1 when a claim fails, 0 otherwise: also when there is not enough data to say.
 * @param source a study's id, or a bundle's path; a bundle is read without touching the data folder
 */
export async function claimsCommand(
  source: string,
  { json, evidence }: { json?: boolean; evidence?: boolean },
  terminal: Terminal,
): Promise<number> {
  const report = await readReport(source, terminal);
  const counts = countVerdicts(report.claims);
  if (json === true) {
    const { studyId, study, runs } = report;
    const claims = report.claims.map((one) => ({ ...one, evidence: claimEvidence(study, one.claim, runs) }));
    printJson(terminal, { studyId, title: study.title, counts, claims });
  } else terminal.out(claimsText(report, evidence === true));
  return counts.fails > 0 ? FAILED : DONE;
}

/**
 * The verdicts with their reasons, and how many there are of each.
 * @param withEvidence also every run that a claim was decided from
 */
export function claimsText({ studyId, study, claims, runs }: DelayReport, withEvidence = false): string {
  const head = `${studyId}  ${study.title}\n\n`;
  if (claims.length === 0) return `${head}This study makes no checkable claim.\n`;
  const counts = Object.entries(countVerdicts(claims))
    .filter(([, n]) => n > 0)
    .map(([verdict, n]) => `${n} ${verdictWords[verdict as Verdict]}`);
  const texts = claims.map(
    (one) => `${claimText(one)}${withEvidence ? evidenceText(claimEvidence(study, one.claim, runs)) : ''}`,
  );
  return `${head}${texts.join('')}\nOf ${claims.length}: ${counts.join(', ')}.\n`;
}

function evidenceText(evidence: readonly Evidence[]): string {
  return evidence
    .map(({ title, rows, missing }) => {
      const lines = rows.map(
        ({ run, status, value, note }) => `        ${run} (${status}): ${value}; ${note}\n`,
      );
      const left =
        missing === 0
          ? ''
          : `        ${count(missing, 'run')} that the study asks for ${missing === 1 ? 'is' : 'are'} not here\n`;
      return `      ${title}\n${lines.join('')}${left}`;
    })
    .join('');
}
