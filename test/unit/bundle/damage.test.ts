import { beforeAll, describe, expect, it } from 'vitest';
import { deflateRawSync } from 'node:zlib';
import { exportBundle, readBundle, verifyBundle } from '../../../main/bundle/index.ts';
import { readZip } from '../../../main/bundle/zip.ts';
import { BundleError } from '../../../shared/errors.ts';
import { typicalInput } from './fixtures.ts';
import { editJson, forge, rawZip, tamper, type Files } from './mutate.ts';

const RUN = 'data/runs/two-families-1.mlp.s0';
const CRATE = 'data/ro-crate-metadata.json';

let intact: Uint8Array;
beforeAll(async () => {
  intact = (await exportBundle(typicalInput())).bytes;
});

/** Both entrances name the same file and fault; import gives nothing back. */
async function expectFault(bytes: Uint8Array, file: string, fault: RegExp): Promise<void> {
  const report = await verifyBundle(bytes);
  expect(report.ok).toBe(false);
  expect(report.faults).toContainEqual({ file, fault: expect.stringMatching(fault) as string });
  expect(report.checks.some((check) => !check.ok)).toBe(true);
  const error: unknown = await readBundle(bytes).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BundleError);
  expect((error as BundleError).file).toBe(report.faults[0]?.file);
}

describe('an intact bundle', () => {
  it('passes every check', async () => {
    const report = await verifyBundle(intact);
    expect(report.faults).toEqual([]);
    expect(report.checks.map((check) => [check.name, check.ok])).toEqual(
      ['archive', 'structure', 'checksums', 'schemas', 'metadata', 'runs', 'analysis'].map((name) => [
        name,
        true,
      ]),
    );
  });

  it('still passes when it was unpacked and zipped again by another tool, folders included', async () => {
    const { top, files } = await readZip(intact);
    const entries = [...files].map(([path, content]) => ({ name: `renamed-${top}/${path}`, content }));
    const folders = ['', 'data/', 'data/runs/'].map((path) => ({
      name: `renamed-${top}/${path}`,
      content: new Uint8Array(0),
      mode: 0o040755,
    }));
    expect((await verifyBundle(rawZip([...folders, ...entries]))).faults).toEqual([]);
  });
});

describe('transport damage', () => {
  it('names the file in which one byte flipped', async () => {
    const damaged = await tamper(intact, (files) => {
      const content = files.get(`${RUN}/metrics.csv`) as Uint8Array;
      content[content.length - 3] = (content[content.length - 3] as number) ^ 1;
    });
    await expectFault(damaged, `${RUN}/metrics.csv`, /^checksum differs from manifest-sha512\.txt$/);
  });

  it('survives any single flipped byte: it is refused, or the content is the same', async () => {
    const original = await readBundle(intact);
    const step = Math.floor(intact.length / 120);
    for (let i = 0; i < intact.length; i += step) {
      const flipped = Uint8Array.from(intact);
      flipped[i] = (flipped[i] as number) ^ 0x10;
      const content = await readBundle(flipped).catch((error: unknown) => {
        expect(error).toBeInstanceOf(BundleError);
        return null;
      });
      if (content !== null) expect(content).toEqual(original);
    }
  });

  it('names a missing, an added and an unlisted file', async () => {
    const remove = (path: string) => (files: Files) => void files.delete(path);
    const add = (path: string) => (files: Files) => void files.set(path, new Uint8Array(3));
    await expectFault(
      await tamper(intact, remove(`${RUN}/run.json`)),
      `${RUN}/run.json`,
      /^missing, but listed/,
    );
    await expectFault(await tamper(intact, remove('bagit.txt')), 'bagit.txt', /^missing$/);
    await expectFault(
      await tamper(intact, remove('manifest-sha512.txt')),
      'manifest-sha512.txt',
      /^missing$/,
    );
    await expectFault(
      await tamper(intact, add('data/extra.txt')),
      'data/extra.txt',
      /^not listed in manifest-sha512/,
    );
    await expectFault(
      await tamper(intact, add('extra.txt')),
      'extra.txt',
      /^not listed in tagmanifest-sha512/,
    );
    await expectFault(await tamper(intact, add('fetch.txt')), 'fetch.txt', /never fetched/);
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['no zip', new TextEncoder().encode('this is not a zip file, whatever its name says')],
  ])('refuses a file that is %s', async (_, bytes) => {
    await expectFault(bytes, 'the archive', /^not a readable zip file/);
  });

  it('refuses a truncated file', async () => {
    await expectFault(intact.subarray(0, intact.length / 2), 'the archive', /^not a readable zip file/);
  });

  it('refuses another BagIt version', async () => {
    const foreign = await tamper(intact, (files) => {
      files.set(
        'bagit.txt',
        new TextEncoder().encode('BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n'),
      );
    });
    await expectFault(foreign, 'bagit.txt', /^unsupported BagIt version 0\.97/);
  });
});

describe('forged content under right checksums', () => {
  type Graph = { '@graph': Record<string, unknown>[] };
  const entity = (document: Graph, id: string): Record<string, unknown> => {
    const found = document['@graph'].find((one) => one['@id'] === id);
    if (found === undefined) throw new Error(`no ${id}`);
    return found;
  };
  const drop = (id: string, property: string) => (payload: Files) =>
    editJson<Graph>(payload, CRATE, (document) => {
      entity(document, id)[property] = undefined;
    });

  it.each([
    ['the licence', drop('./', 'license'), /^the root dataset has no licence$/],
    ['the author', drop('./', 'author'), /^the root dataset has no author$/],
    ['the name', drop('./', 'name'), /^the root dataset has no name$/],
    ['the date', drop('./', 'datePublished'), /no datePublished/],
    [
      'the profile',
      drop('./', 'conformsTo'),
      /does not conform to https:\/\/w3id\.org\/ro\/wfrun\/process\/0\.5/,
    ],
    [
      'an instrument',
      drop('#run-two-families-1.mlp.s0', 'instrument'),
      /^the action "#run-.*mlp\.s0" has no instrument$/,
    ],
    ['the mentions', drop('./', 'mentions'), /"#analysis" is not listed in mentions$/],
    ['the parts', drop('./', 'hasPart'), /^hasPart does not list "study\.json"$/],
    ['the version', drop('pkg:generic/latebloom@0.1.0', 'softwareVersion'), /has no softwareVersion$/],
    ["the descriptor's subject", drop('ro-crate-metadata.json', 'about'), /is not about "\.\/"$/],
  ])('catches a crate that drops %s', async (_, change, fault) => {
    await expectFault(await forge(intact, change), CRATE, fault);
  });

  it('catches an error on a run that did not fail, and a run without its action', async () => {
    const withError = (payload: Files): void =>
      editJson<Graph>(payload, CRATE, (document) => {
        entity(document, '#run-two-families-1.mlp.s0')['error'] = 'none really';
      });
    await expectFault(await forge(intact, withError), CRATE, /has an error but did not fail$/);
    const without = (payload: Files): void =>
      editJson<Graph>(payload, CRATE, (document) => {
        document['@graph'] = document['@graph'].filter((one) => one['@id'] !== '#run-two-families-1.mlp.s0');
      });
    await expectFault(
      await forge(intact, without),
      CRATE,
      /^the run "two-families-1\.mlp\.s0" has no CreateAction$/,
    );
  });

  it('catches a wrong schema version in each file that has one', async () => {
    for (const file of ['data/study.json', 'data/record.json', `${RUN}/run.json`, 'data/analysis.json']) {
      const newer = await forge(intact, (payload) =>
        editJson<{ schemaVersion: number }>(payload, file, (document) => {
          document.schemaVersion = 2;
        }),
      );
      await expectFault(
        newer,
        file,
        /^unsupported schemaVersion 2, this reads 1; it needs a newer Latebloom$/,
      );
    }
  });

  it('catches an unknown key and a wrong type, with the path', async () => {
    const edit = (file: string, change: (document: Record<string, unknown>) => void): Promise<Uint8Array> =>
      forge(intact, (payload) => editJson(payload, file, change));
    await expectFault(
      await edit(`${RUN}/run.json`, (run) => (run['seed'] = 'one')),
      `${RUN}/run.json`,
      /^seed is "one"/,
    );
    await expectFault(
      await edit('data/environment.json', (e) => (e['cores'] = -1)),
      'data/environment.json',
      /^cores is -1/,
    );
    await expectFault(
      await edit('data/study.json', (s) => (s['extra'] = 1)),
      'data/study.json',
      /extra: got 1/,
    );
  });

  it('catches a changed curve by its content id', async () => {
    const better = await forge(intact, (payload) => {
      const text = new TextDecoder().decode(payload.get(`${RUN}/metrics.csv`));
      payload.set(
        `${RUN}/metrics.csv`,
        new TextEncoder().encode(text.replace('10,0.1,1,0.6', '10,0.1,1,0.96')),
      );
    });
    await expectFault(better, `${RUN}/run.json`, /^its content id does not match its curve$/);
  });

  it('lets another version word its sentences otherwise', async () => {
    const worded = await forge(intact, (payload) =>
      editJson<{ estimators: { delay: string } }>(payload, 'data/analysis.json', (document) => {
        document.estimators.delay = 'Generalization step minus fit step.';
      }),
    );
    expect((await verifyBundle(worded)).faults).toEqual([]);
  });

  it('catches an analysis that says something else than the curves', async () => {
    const rosier = await forge(intact, (payload) =>
      editJson<{ runs: { delay: number }[] }>(payload, 'data/analysis.json', (document) => {
        (document.runs[0] as { delay: number }).delay += 1;
      }),
    );
    await expectFault(rosier, 'data/analysis.json', /^does not follow from the curves/);
  });

  it('catches a changed study, a changed arm, and a run that the study does not list', async () => {
    const retitled = await forge(intact, (payload) =>
      editJson<{ title: string }>(payload, 'data/study.json', (document) => {
        document.title = 'Another';
      }),
    );
    await expectFault(retitled, 'data/record.json', /^studyHash is not the hash of data\/study\.json$/);
    const retuned = await forge(intact, (payload) =>
      editJson<{ arm: { trainer: { learningRate: number } } }>(payload, `${RUN}/run.json`, (document) => {
        document.arm.trainer.learningRate = 1;
      }),
    );
    await expectFault(retuned, `${RUN}/run.json`, /^its arm is not mlp of the study$/);
    // A larger budget has to say what it was extended from.
    const longer = await forge(intact, (payload) =>
      editJson<{ arm: { budget: { maxEffort: number } } }>(payload, `${RUN}/run.json`, (document) => {
        document.arm.budget.maxEffort = 2000;
      }),
    );
    await expectFault(longer, `${RUN}/run.json`, /^its arm is not mlp of the study$/);
    const elsewhere = await forge(intact, (payload) =>
      editJson<{ arm: { budget: object } }>(payload, `${RUN}/run.json`, (document) => {
        document.arm.budget = { maxEffort: 2000, extendedFrom: [999] };
      }),
    );
    await expectFault(elsewhere, `${RUN}/run.json`, /^its arm is not mlp of the study$/);
    const unlisted = await forge(intact, (payload) =>
      editJson<{ runIds: string[] }>(payload, 'data/record.json', (document) => void document.runIds.shift()),
    );
    await expectFault(unlisted, `${RUN}/run.json`, /^belongs to no run of data\/record\.json$/);
  });
});

describe('hostile archives', () => {
  const bytes = new TextEncoder().encode('x');

  it.each([
    ['/etc/passwd', /^absolute path$/],
    ['C:/windows/win.ini', /^absolute path$/],
    ['study/../../escape', /^path that leaves its folder$/],
    ['study//double', /^malformed path$/],
    ['loose-file', /^file outside the top folder$/],
  ])('refuses an entry named %s', async (name, fault) => {
    await expectFault(rawZip([{ name, content: bytes }]), name, fault);
  });

  it('refuses a backslash', async () => {
    await expectFault(
      rawZip([{ name: 'study\\x', content: bytes }]),
      'study\\\\x',
      /^backslash in the path$/,
    );
  });

  it('refuses a symbolic link and a device', async () => {
    await expectFault(
      rawZip([{ name: 's/link', content: bytes, mode: 0o120777 }]),
      's/link',
      /^symbolic link$/,
    );
    await expectFault(
      rawZip([{ name: 's/null', content: bytes, mode: 0o020666 }]),
      's/null',
      /^special file$/,
    );
  });

  it('refuses two entries of one name, also when they differ by case only', async () => {
    const twice = ['s/a.json', 's/a.json'].map((name) => ({ name, content: bytes }));
    await expectFault(rawZip(twice), 's/a.json', /^entry appears twice in the archive$/);
    const folded = ['s/a.json', 's/A.json'].map((name) => ({ name, content: bytes }));
    await expectFault(rawZip(folded), 's/A.json', /^entry appears twice/);
  });

  it('refuses more than one top folder', async () => {
    const two = ['a/x', 'b/x'].map((name) => ({ name, content: bytes }));
    await expectFault(rawZip(two), 'b/x', /^more than one top folder/);
  });

  it('stops a bomb by its real size, whatever its header claims', async () => {
    const limits = { entries: 10, bytes: 100_000 };
    const zeros = new Uint8Array(1_000_000);
    const entry = { name: 's/bomb', content: zeros, deflated: deflateRawSync(zeros) };
    const honest = await verifyBundle(rawZip([entry]), limits);
    expect(honest.faults).toEqual([
      { file: 's/bomb', fault: expect.stringMatching(/inflates beyond the limit/) as string },
    ]);
    const lying = await verifyBundle(rawZip([{ ...entry, claimedSize: 10 }]), limits);
    expect(lying.faults).toEqual([
      { file: 's/bomb', fault: expect.stringMatching(/damaged archive entry/) as string },
    ]);
    const halves = [0, 1].map((i) => {
      const half = new Uint8Array(60_000);
      return { name: `s/${i}`, content: half, deflated: deflateRawSync(half) };
    });
    expect((await verifyBundle(rawZip(halves), limits)).faults[0]?.file).toBe('s/1');
  });

  it('refuses more entries than the limit', async () => {
    const many = Array.from({ length: 11 }, (_, i) => ({ name: `s/${i}`, content: bytes }));
    const report = await verifyBundle(rawZip(many), { entries: 10, bytes: 1000 });
    expect(report.faults[0]?.fault).toMatch(/^too many entries/);
  });
});
