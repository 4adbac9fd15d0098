/** The stores that every view shares, typed. */
import { createContext } from 'svelte';
import type { CommandRegistry } from '../commands/registry.svelte.ts';
import type { ShellBridge } from '../../shared/bridge.ts';
import type { Tour } from '../tour/tour.svelte.ts';
import type { ComposeStore } from './compose.svelte.ts';
import type { FindingsStore } from './findings.svelte.ts';
import type { DeviceChoice } from './device-choice.svelte.ts';
import type { Router } from './router.svelte.ts';
import type { Theme } from './theme.svelte.ts';
import type { ViewStore } from './views.svelte.ts';
import type { WorkbenchStore } from './workbench.svelte.ts';

export interface Stores {
  workbench: WorkbenchStore;
  compose: ComposeStore;
  router: Router;
  theme: Theme;
  views: ViewStore;
  findings: FindingsStore;
  deviceChoice: DeviceChoice;
  commands: CommandRegistry;
  tour: Tour;
  /** The desktop's window; null in a browser. */
  shell: ShellBridge | null;
}

export const [getStores, setStores] = createContext<Stores>();
