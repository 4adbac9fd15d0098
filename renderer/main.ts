import { mount } from 'svelte';
import App from './App.svelte';
import { keepPageForOfflineUse } from './offline/register.ts';
import './theme.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app.');
mount(App, { target });
void keepPageForOfflineUse();
