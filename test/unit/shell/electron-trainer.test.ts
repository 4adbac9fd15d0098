import { beforeEach, describe, expect, it, vi } from 'vitest';
import { electronForkTrainer } from '../../../main/shell/electron-trainer.ts';
import type { FromTrainer } from '../../../main/scheduler/protocol.ts';
import { resetElectron, utilityProcess, type StubUtilityProcess } from '../../setup/electron-stub.ts';

const kill = vi.spyOn(process, 'kill').mockReturnValue(true);

beforeEach(resetElectron);

function start() {
  const handle = electronForkTrainer('/app/trainer.js')();
  const child = utilityProcess.children[0] as StubUtilityProcess;
  const exits: string[] = [];
  handle.onExit((how) => exits.push(how));
  return { handle, child, exits };
}

describe('electronForkTrainer', () => {
  it('starts the trainer program in a process of its own', () => {
    const { child } = start();
    expect(child.forked[0]).toBe('/app/trainer.js');
    expect(child.forked[2]).toMatchObject({ serviceName: 'Latebloom trainer' });
  });

  it('carries messages both ways', () => {
    const { handle, child } = start();
    const messages: FromTrainer[] = [];
    handle.onMessage((message) => messages.push(message));
    handle.send({ type: 'shutdown' });
    expect(child.posted).toEqual([{ type: 'shutdown' }]);
    const message: FromTrainer = {
      type: 'batch',
      runId: 'r',
      columns: { effort: Float64Array.of(1) },
      snapshots: [],
    };
    child.emit('message', message);
    expect(messages).toEqual([message]);
  });

  it('says how the process ended, with its last words', async () => {
    const { child, exits } = start();
    child.stderr.write('x'.repeat(5000));
    child.stderr.write('out of memory\n');
    await new Promise((resolve) => setImmediate(resolve));
    child.emit('exit', 134);
    expect(exits).toHaveLength(1);
    expect(exits[0]).toMatch(/^ended with exit code 134: x+out of memory$/);
    expect(exits[0]?.length).toBeLessThan(2100);
  });

  it('names a fatal error and its place', () => {
    const { child, exits } = start();
    child.emit('error', 'FatalError', 'v8::Heap');
    child.emit('exit', 5);
    expect(exits).toEqual(['ended with exit code 5: FatalError in v8::Heap']);
  });

  it('posts nothing to a process that has ended', () => {
    const { handle, child } = start();
    child.emit('exit', 0);
    handle.send({ type: 'shutdown' });
    expect(child.posted).toEqual([]);
  });

  it('kills at once, also a process that is still starting', () => {
    const running = start();
    running.child.pid = 4_000_000;
    running.handle.kill();
    expect(kill).toHaveBeenCalledExactlyOnceWith(4_000_000, 'SIGKILL');

    resetElectron();
    const starting = start();
    starting.handle.kill();
    expect(kill).not.toHaveBeenCalled();
    starting.child.pid = 4_000_001;
    starting.child.emit('spawn');
    expect(kill).toHaveBeenCalledExactlyOnceWith(4_000_001, 'SIGKILL');
  });

  it('kills nobody else after the process has ended', () => {
    const { handle, child } = start();
    child.pid = undefined;
    child.emit('exit', 0);
    handle.kill();
    expect(kill).not.toHaveBeenCalled();
  });
});
