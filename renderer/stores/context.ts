/** The stores that every view shares, typed. */
import { createContext } from 'svelte';
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
}

export const [getStores, setStores] = createContext<Stores>();
