/** The stores that every view shares, typed. */
import { createContext } from 'svelte';
import type { Router } from './router.svelte.ts';
import type { Theme } from './theme.svelte.ts';
import type { WorkbenchStore } from './workbench.svelte.ts';

export interface Stores {
  workbench: WorkbenchStore;
  router: Router;
  theme: Theme;
}

export const [getStores, setStores] = createContext<Stores>();
