import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/** The walls of DESIGN.md: `renderer → shared ← main`, `studies → shared`; shared imports nothing outside itself. */
function wall(files, group, message) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] } };
}

const walls = [
  wall(
    ['shared/**/*.ts'],
    [
      '**/main/**',
      '**/renderer/**',
      '**/test/**',
      'node:*',
      'electron',
      'electron/*',
      'ws',
      'svelte',
      'svelte/*',
      'dexie',
    ],
    'shared/ is the language both sides speak: no host, no window, no Node, no Electron.',
  ),
  wall(
    ['main/**/*.ts'],
    ['**/renderer/**', '**/test/**', 'svelte', 'svelte/*', 'dexie', 'plotly.js-dist-min'],
    'main/ is the host: it may import shared/ only.',
  ),
  wall(
    ['renderer/**/*.ts', 'renderer/**/*.svelte'],
    ['**/main/**', '**/test/**', 'node:*', 'electron', 'electron/*', 'ws', 'onnxruntime-node'],
    'renderer/ reaches the host through WorkbenchApi only.',
  ),
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'release/', 'test-results/', 'playwright-report/'] },
  ...tseslint.configs.strict,
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  { ...walls[0] },
  { ...walls[1] },
  { ...walls[2] },
  { files: ['renderer/vite.config.ts'], rules: { 'no-restricted-imports': 'off' } },
);
