/** Notes, saved comparisons, the report and its figures in a bundle; and bundles of versions that had none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportBundle, openBundle, readBundle, verifyBundle } from '../../../main/bundle/index.ts';
import { readZip } from '../../../main/bundle/zip.ts';
import { BundleError } from '../../../shared/errors.ts';
import { typicalInput } from './fixtures.ts';
import { editJson, forge, tamper, type Files } from './mutate.ts';

const findings = {
  notes: '# What we saw\n\nBoth are late, <script>alert(1)</script>:\n\n{{figure curves quantity=loss}}\n',
  views: [{ id: 'v-1', name: 'By step', query: 'x=steps', savedAt: '2026-11-25T10:00:00.000Z' }],
};
const CRATE = 'data/ro-crate-metadata.json';

let intact: Uint8Array;
let files: Files;
beforeAll(async () => {
  intact = (await exportBundle({ ...typicalInput(), findings })).bytes;
  ({ files } = await readZip(intact));
});

const text = (path: string): string => new TextDecoder().decode(files.get(path));

async function expectFault(bytes: Uint8Array, file: string, fault: RegExp): Promise<void> {
  const report = await verifyBundle(bytes);
  expect(report.faults).toContainEqual({ file, fault: expect.stringMatching(fault) as string });
  await expect(readBundle(bytes)).rejects.toThrow(BundleError);
}

describe('findings in a bundle', () => {
  it('come back as they were', async () => {
    expect((await verifyBundle(intact)).faults).toEqual([]);
    expect((await readBundle(intact)).findings).toEqual(findings);
  });

  it('are described in the crate, with what drew the figures from what', () => {
    const graph = (JSON.parse(text(CRATE)) as { '@graph': Record<string, unknown>[] })['@graph'];
    const named = (id: string): Record<string, unknown> | undefined => graph.find((one) => one['@id'] === id);
    expect(named('findings.md')).toMatchObject({ '@type': 'File', encodingFormat: 'text/markdown' });
    expect(named('report.html')).toMatchObject({ encodingFormat: 'text/html' });
    const made = named('#report')?.['result'] as { '@id': string }[];
    const drawn = [...files.keys()].filter((path) => path.startsWith('data/figures/'));
    expect(made.map((one) => `data/${one['@id']}`)).toEqual(
      expect.arrayContaining(['data/report.html', ...drawn]),
    );
  });

  it('have each figure with exactly its points', () => {
    const svgs = [...files.keys()].filter((path) => path.endsWith('.svg'));
    expect(svgs.length).toBeGreaterThan(1);
    for (const svg of svgs) expect(files.has(svg.replace(/\.svg$/, '.csv'))).toBe(true);
    const loss = svgs.find((path) => path.includes('loss'))?.replace(/\.svg$/, '.csv') as string;
    // The smallest loss of the fixture, as full precision writes it.
    expect(text(loss)).toContain(',5e-324,');
  });

  it('stand in a report that holds their text, and neither script nor network', () => {
    const report = text('data/report.html');
    expect(report).toContain('<h3>What we saw</h3>');
    expect(report).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(report).not.toMatch(/<script|src=|url\(/);
    expect(report.match(/<svg /g)?.length).toBeGreaterThan(1);
    expect(report).toContain('Ada Lovelace');
    expect(report).toContain('https://spdx.org/licenses/CC-BY-4.0');
  });
});

describe('a bundle of a version without findings', () => {
  it('is whole, and has none', async () => {
    const old = await forge(intact, (payload) => {
      const dropped = [...payload.keys()].filter((path) =>
        /^data\/(?:findings\.md|views\.json|report\.html|figures\/|schema\/views)/.test(path),
      );
      for (const path of dropped) payload.delete(path);
      editJson<{ '@graph': Record<string, unknown>[] }>(payload, CRATE, (document) => {
        const gone = new Set([...dropped.map((path) => path.slice('data/'.length)), '#report']);
        document['@graph'] = document['@graph'].filter((one) => !gone.has(one['@id'] as string));
        const root = document['@graph'].find((one) => one['@id'] === './') as Record<
          string,
          { '@id': string }[]
        >;
        for (const property of ['hasPart', 'mentions'])
          root[property] = (root[property] ?? []).filter((one) => !gone.has(one['@id']));
      });
    });
    expect((await verifyBundle(old)).faults).toEqual([]);
    const bundle = await openBundle(old);
    expect(bundle.findings).toEqual({ notes: '', views: [] });
    expect(bundle).toMatchObject({ licence: 'CC-BY-4.0', author: 'Ada Lovelace' });
    bundle.close();
  });
});

describe('damage to findings', () => {
  const set = (path: string, content: string) => (payload: Files) =>
    void payload.set(path, new TextEncoder().encode(content));
  const change = (path: string, edit: (content: string) => string) => (payload: Files) =>
    void payload.set(path, new TextEncoder().encode(edit(new TextDecoder().decode(payload.get(path)))));

  it('is named: a flipped byte, a missing and an added file', async () => {
    const flipped = await tamper(intact, (all) => {
      const notes = all.get('data/findings.md') as Uint8Array;
      notes[3] = (notes[3] as number) ^ 1;
    });
    await expectFault(flipped, 'data/findings.md', /^checksum differs/);
    await expectFault(
      await tamper(intact, (all) => void all.delete('data/report.html')),
      'data/report.html',
      /^missing, but listed/,
    );
    await expectFault(
      await tamper(intact, set('data/figures/99-more.svg', '<svg/>')),
      'data/figures/99-more.svg',
      /^not listed in manifest/,
    );
  });

  it('is named under right checksums: an undescribed file, a wrong version, text that is none', async () => {
    await expectFault(
      await forge(intact, set('data/extra.txt', 'x')),
      CRATE,
      /^hasPart does not list "extra.txt"$/,
    );
    await expectFault(
      await forge(
        intact,
        change('data/views.json', (json) => json.replace('"schemaVersion": 1', '"schemaVersion": 2')),
      ),
      'data/views.json',
      /^unsupported schemaVersion 2/,
    );
    await expectFault(
      await forge(intact, (payload) => void payload.set('data/findings.md', Uint8Array.of(0xff, 0xfe))),
      'data/findings.md',
      /^is not UTF-8 text$/,
    );
    await expectFault(
      await forge(
        intact,
        change('data/views.json', (json) => json.replace('"name": "By step"', '"name": ""')),
      ),
      'data/views.json',
      /^views\[0\]\.name/,
    );
  });

  it('is named: a figure without its points, and one that is no figure', async () => {
    const svg = [...files.keys()].find((path) => path.endsWith('.svg')) as string;
    await expectFault(
      await forge(intact, (payload) => void payload.delete(svg.replace('.svg', '.csv'))),
      svg,
      /^comes without its points/,
    );
    await expectFault(
      await forge(intact, set('data/figures/x.exe', 'x')),
      'data/figures/x.exe',
      /^is neither an SVG figure/,
    );
  });

  it.each([
    ['a script', '<script>alert(1)</script>', /^holds "script"/],
    ['a handler', '<p onclick="alert(1)">x</p>', /^holds "onclick"/],
    ['a foreign image', '<img src="https://tracker.example/x.png">', /^holds "src="https:"/],
    ['a script link', '<a href="javascript:alert(1)">x</a>', /^holds "href="javascript:"/],
    ['a foreign style', '<style>@import "https://x.example/a.css"</style>', /^holds "@import"/],
  ])('is named: %s in the report or in a figure', async (_, active, fault) => {
    await expectFault(
      await forge(
        intact,
        change('data/report.html', (html) => html.replace('</main>', `${active}</main>`)),
      ),
      'data/report.html',
      fault,
    );
    const svg = [...files.keys()].find((path) => path.endsWith('.svg')) as string;
    await expectFault(
      await forge(
        intact,
        change(svg, (xml) => xml.replace('</svg>', `${active}</svg>`)),
      ),
      svg,
      fault,
    );
  });
});

describe('a bundle that is read from disk', () => {
  it('is the same, and a bomb in it is stopped by the size of one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latebloom-findings-'));
    try {
      const path = join(folder, 'a.study.zip');
      writeFileSync(path, intact);
      expect(await readBundle(path)).toEqual(await readBundle(intact));
      const limits = { entries: 1000, bytes: 1e9, fileBytes: 2000 };
      expect((await verifyBundle(path, limits)).faults[0]?.fault).toMatch(
        /inflates beyond the limit.*2000 bytes of one file/,
      );
      writeFileSync(path, intact.subarray(0, 1000));
      expect((await verifyBundle(path)).faults[0]?.fault).toMatch(/^not a readable zip file/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
