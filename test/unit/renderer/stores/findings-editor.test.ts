import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnsavedNotes } from '../../../../renderer/db/notes.ts';
import { FindingsEditor } from '../../../../renderer/stores/findings-editor.svelte.ts';
import { LatebloomError } from '../../../../shared/errors.ts';
import { noFindings, type Findings, type SaveFindings } from '../../../../shared/findings/findings.ts';

const view = { id: 'v', name: 'A view', query: 'x=steps', savedAt: '2026-11-25T10:00:00.000Z' };

class FakeHost {
  findings: Findings = noFindings('s');
  saves: SaveFindings[] = [];
  kept: unknown = null;
  down = false;

  readonly save = (request: SaveFindings): Promise<Findings> => {
    if (this.down) return Promise.reject(new LatebloomError('host-unreachable', 'No host.'));
    if (request.revision !== this.findings.revision)
      return Promise.reject(new LatebloomError('conflict', 'Changed elsewhere.'));
    this.saves.push(request);
    const { notes, views, revision } = request;
    this.findings = {
      schemaVersion: 1,
      studyId: 's',
      notes,
      views,
      revision: revision + 1,
      savedAt: `2026-11-25T10:00:0${revision}.000Z`,
    };
    return Promise.resolve(this.findings);
  };

  readonly keep = (unsaved: unknown): Promise<void> => {
    this.kept = unsaved;
    return Promise.resolve();
  };
}

let host: FakeHost;
beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
});
afterEach(() => {
  vi.useRealTimers();
});

const open = (unsaved: UnsavedNotes | null = null): FindingsEditor =>
  new FindingsEditor(host.findings, unsaved, host);

describe('FindingsEditor', () => {
  it('saves once after a pause, and says when', async () => {
    const editor = open();
    for (const text of ['a', 'ab', 'abc']) editor.type(text);
    expect(editor.isUnsaved).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.saves.map(({ notes }) => notes)).toEqual(['abc']);
    expect(editor.isUnsaved).toBe(false);
    expect(editor.saved.savedAt).not.toBeNull();
    expect(host.kept).toBeNull();
  });

  it('saves what was typed while a save was under way', async () => {
    const editor = open();
    editor.type('first');
    const saving = editor.save();
    editor.type('first, second');
    await saving;
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.saves.map(({ notes }) => notes)).toEqual(['first', 'first, second']);
  });

  it('keeps in the browser what no host took, and hands it over when one is there', async () => {
    host.down = true;
    const editor = open();
    editor.type('written on a train');
    await vi.advanceTimersByTimeAsync(5000);
    expect(editor.problem?.code).toBe('host-unreachable');
    expect(host.kept).toEqual({ notes: 'written on a train', views: [], revision: 0 });

    // The window is opened again.
    host.down = false;
    const again = open({
      home: '/h',
      studyId: 's',
      changedAt: '2026-11-25T10:00:00.000Z',
      ...(host.kept as { notes: string; views: []; revision: number }),
    });
    expect(again.text).toBe('written on a train');
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.findings.notes).toBe('written on a train');
    expect(host.kept).toBeNull();
  });

  it('undoes typing by pauses, and insertions by themselves; a save loses no step', async () => {
    const editor = open();
    editor.type('one');
    await vi.advanceTimersByTimeAsync(3000);
    editor.type('one two');
    editor.type('one two three');
    editor.insert('one two three\n\n{{figure claims}}\n', view);
    await vi.advanceTimersByTimeAsync(3000);
    expect(host.findings.views).toEqual([view]);
    editor.undo();
    expect(editor.text).toBe('one two three');
    editor.undo();
    expect(editor.text).toBe('one');
    editor.redo();
    expect(editor.text).toBe('one two three');
    await vi.advanceTimersByTimeAsync(3000);
    expect(host.findings.notes).toBe('one two three');
  });

  it('follows another window while nothing is typed here', () => {
    const editor = open();
    editor.adopt({ ...host.findings, notes: 'from elsewhere', revision: 1, savedAt: 'now' });
    expect(editor.text).toBe('from elsewhere');
    expect(editor.isUnsaved).toBe(false);
  });

  it('never overwrites another window by itself', async () => {
    const editor = open();
    editor.type('mine');
    host.findings = { ...host.findings, notes: 'theirs', revision: 1, savedAt: 'now' };
    editor.adopt(host.findings);
    expect(editor.isConflict).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.findings.notes).toBe('theirs');
    expect(host.kept).toEqual({ notes: 'mine', views: [], revision: 0 });

    editor.takeTheirs();
    expect(editor.text).toBe('theirs');
    editor.undo();
    expect(editor.text).toBe('mine');
    editor.keepMine();
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.findings.notes).toBe('mine');
  });

  it('replaces a view of the same name', () => {
    const editor = open();
    editor.insert('x', view);
    editor.insert('xy', { ...view, id: 'w', query: 'x=epochs' });
    expect(editor.views.map(({ query }) => query)).toEqual(['x=epochs']);
  });
});
