import { describe, expect, it, vi } from 'vitest';
import { ipcGate, type GateEvent, type SenderFrame } from '../../../main/shell/ipc-gate.ts';
import { FakeApi, type FakeHandlers } from '../../setup/fake-api.ts';

const ownWindow = { name: 'our webContents' };
const page: SenderFrame = { url: 'app://latebloom/index.html#/runs', parent: null };
const fromPage: GateEvent = { senderFrame: page, sender: ownWindow };

function setUp(handlers: FakeHandlers = { studies: () => [] }) {
  const api = new FakeApi(handlers);
  const onCall = vi.fn();
  const report = vi.fn();
  const gate = ipcGate(api, { isOwnWindow: (sender) => sender === ownWindow, onCall, report });
  return { api, gate, onCall, report };
}

describe('ipcGate', () => {
  it('passes a call of our page on', async () => {
    const { api, gate, onCall } = setUp();
    expect(await gate(fromPage, 'studies', null)).toEqual({ ok: true, value: [] });
    expect(api.calls).toEqual([{ method: 'studies', request: null }]);
    expect(onCall).toHaveBeenCalledOnce();
  });

  it.each<[string, GateEvent]>([
    ['a frame that is gone', { senderFrame: null, sender: ownWindow }],
    ['a frame inside our page', { senderFrame: { url: page.url, parent: page }, sender: ownWindow }],
    [
      'a foreign frame inside our page',
      { senderFrame: { url: 'https://evil.example/', parent: page }, sender: ownWindow },
    ],
    [
      'another page in our window',
      { senderFrame: { url: 'https://evil.example/', parent: null }, sender: ownWindow },
    ],
    ['a blank page in our window', { senderFrame: { url: 'about:blank', parent: null }, sender: ownWindow }],
    ['a look-alike', { senderFrame: { url: 'app://latebloom.evil/', parent: null }, sender: ownWindow }],
    ['our page in a window that is not ours', { senderFrame: page, sender: { name: 'devtools' } }],
  ])('refuses %s', async (_name, event) => {
    const { api, gate, onCall, report } = setUp();
    expect(await gate(event, 'studies', null)).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    expect(api.calls).toEqual([]);
    expect(onCall).not.toHaveBeenCalled();
    expect(report).toHaveBeenCalledOnce();
  });

  it.each([undefined, null, 42, {}, 'format', 'constructor', '__proto__', 'call'])(
    'refuses the method %j',
    async (method) => {
      const { api, gate } = setUp();
      expect(await gate(fromPage, method, null)).toMatchObject({ ok: false, error: { code: 'bad-input' } });
      expect(api.calls).toEqual([]);
    },
  );

  it.each<[string, unknown, string]>([
    ['readBatches', { runId: '../../etc', fromSeq: 0, limit: 1 }, 'runId'],
    ['readBatches', { runId: 'r', fromSeq: '0', limit: 1 }, 'fromSeq'],
    ['deleteStudy', { studyId: 's', force: true }, 'force'],
    ['control', { action: 'destroy', runIds: ['r'] }, 'action'],
    ['startStudy', { study: {} }, 'study.schemaVersion'],
    ['importBundle', { bytes: 'UEsDB' }, 'bytes'],
    ['hello', { extra: 1 }, 'the document'],
  ])('refuses a malformed request for %s and names its fault', async (method, request, path) => {
    const { api, gate, report } = setUp();
    const outcome = await gate(fromPage, method, request);
    expect(outcome.ok).toBe(false);
    if (!outcome.ok) expect(outcome.error.faults?.map((fault) => fault.path)).toContain(path);
    expect(api.calls).toEqual([]);
    expect(report).not.toHaveBeenCalled();
  });

  it("answers the host's errors, and reports those that are bugs", async () => {
    const { gate, report } = setUp({
      presets: () => {
        throw new RangeError('a bug');
      },
    });
    expect(await gate(fromPage, 'devices', null)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(report).not.toHaveBeenCalled();
    expect(await gate(fromPage, 'presets', null)).toMatchObject({
      ok: false,
      error: { name: 'RangeError', code: 'internal', message: 'a bug' },
    });
    expect(report).toHaveBeenCalledOnce();
  });
});
