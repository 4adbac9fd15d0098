/** What the window may ask of the desktop around it: its menu, a file dialog, and the files that were opened. */
import { InputError, LatebloomError, printValue } from '../../shared/errors.ts';
import { menuEntries, type MenuEntry } from '../../shared/menu.ts';
import { issueFaults } from '../../shared/study.ts';
import { ForeignSenderError, type GateEvent } from './ipc-gate.ts';
import { maySend } from './policies.ts';

export interface ShellActions {
  isOwnWindow(sender: unknown): boolean;
  setMenu(entries: MenuEntry[]): void;
  chooseFile(): Promise<void>;
  takeFile(): Promise<unknown>;
}

/** A handler for `ipcMain.handle`. Rejects what no page of ours would ask. */
export function shellGate(
  actions: ShellActions,
): (event: GateEvent, request: unknown, value: unknown) => Promise<unknown> {
  return async (event, request, value) => {
    const frame = event.senderFrame;
    const isTopFrame = frame?.parent === null && actions.isOwnWindow(event.sender);
    if (!maySend(frame === null ? null : { url: frame.url, isTopFrame })) {
      throw new ForeignSenderError(frame?.url ?? null);
    }
    switch (request) {
      case 'set-menu':
        actions.setMenu(checkedEntries(value));
        return null;
      case 'choose-file':
        await actions.chooseFile();
        return null;
      case 'take-file':
        return actions.takeFile();
      default:
        throw new LatebloomError('bad-input', `The window cannot be asked for ${printValue(request)}.`);
    }
  };
}

function checkedEntries(value: unknown): MenuEntry[] {
  const parsed = menuEntries.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => issueFaults(issue, value, menuEntries));
    throw new InputError('The menu', faults);
  }
  return parsed.data;
}
