/** A host in memory: journals, records, and a connection that can be lost in the middle of an answer. */
import type { HostEvent, MethodName, RequestOf, ResponseOf } from '../../../../shared/api.ts';
import { LatebloomError } from '../../../../shared/errors.ts';
import type { Findings } from '../../../../shared/findings/findings.ts';
import type { MetricBatch, RunRecord, StudyRecord } from '../../../../shared/run.ts';
import { batch, runRecord, studyRecord } from '../records.ts';

export class FakeHost {
  readonly journals = new Map<string, MetricBatch[]>();
  readonly runs = new Map<string, RunRecord>();
  readonly studies = new Map<string, StudyRecord>();
  readonly findings = new Map<string, Findings>();
  /** Every `readBatches` that was asked for. */
  readonly reads: RequestOf<'readBatches'>[] = [];
  /** `readBatches` calls that still succeed before the connection is lost; null: it is not. */
  readsLeft: number | null = null;
  /** When set, `readBatches` waits for it before it answers. */
  gate: Promise<void> | null = null;
  #listener: (event: HostEvent) => void = () => undefined;

  onEvent(listener: (event: HostEvent) => void): void {
    this.#listener = listener;
  }

  emit(event: HostEvent): void {
    this.#listener(event);
  }

  addStudy(id: string, runIds: string[]): void {
    this.studies.set(id, studyRecord(id, runIds));
    for (const runId of runIds) {
      this.runs.set(runId, runRecord(runId, { studyId: id }));
      this.journals.set(runId, []);
    }
  }

  /** Journals the next `count` batches. Returns them. */
  append(runId: string, count: number, rows = 3, shift = 0): MetricBatch[] {
    const journal = this.#journal(runId);
    const added = Array.from({ length: count }, (_, i) => batch(runId, journal.length + i, rows, shift));
    journal.push(...added);
    this.change(runId, { batches: journal.length, effort: journal.length * rows - 1 });
    return added;
  }

  cut(runId: string, batches: number): void {
    this.#journal(runId).length = batches;
    this.change(runId, { batches });
  }

  change(runId: string, changes: Partial<RunRecord>): RunRecord {
    const run = { ...(this.runs.get(runId) as RunRecord), ...changes };
    this.runs.set(runId, run);
    return run;
  }

  readonly call = async <M extends MethodName>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> => {
    await Promise.resolve();
    switch (method) {
      case 'studies':
        return [...this.studies.values()] as ResponseOf<M>;
      case 'findings':
        return [...this.findings.values()] as ResponseOf<M>;
      case 'runs':
        return [...this.runs.values()] as ResponseOf<M>;
      case 'readBatches':
        return (await this.#read(request as RequestOf<'readBatches'>)) as ResponseOf<M>;
      default:
        throw new Error(`The fake host does not know ${method}.`);
    }
  };

  async #read(request: RequestOf<'readBatches'>): Promise<MetricBatch[]> {
    this.reads.push(request);
    if (this.readsLeft !== null && this.readsLeft-- <= 0)
      throw new LatebloomError('host-unreachable', 'lost');
    const answer = this.#journal(request.runId).slice(request.fromSeq, request.fromSeq + request.limit);
    await this.gate;
    return structuredClone(answer);
  }

  #journal(runId: string): MetricBatch[] {
    const journal = this.journals.get(runId);
    if (journal === undefined) throw new LatebloomError('not-found', `There is no run "${runId}" here.`);
    return journal;
  }
}
