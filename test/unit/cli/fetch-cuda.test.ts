import { describe, expect, it } from 'vitest';
import { fetchCuda, outside, type FetchCudaParts } from '../../../main/cli/fetch-cuda.ts';
import type { Terminal } from '../../../main/cli/terminal.ts';

function fetching(parts: Partial<FetchCudaParts>) {
  let said = '';
  const scripts: string[] = [];
  const terminal: Terminal = {
    out: () => undefined,
    err: (text) => {
      said += text;
    },
    isTty: false,
    columns: 80,
  };
  const done = fetchCuda(terminal, {
    platform: 'linux/x64',
    size: async () => 271_828_182,
    install: async (script) => {
      scripts.push(script);
      return { status: 0, words: '' };
    },
    ...parts,
  });
  return { done, said: () => said, scripts };
}

describe('latebloom devices --fetch-cuda', () => {
  it("says what comes from where, how large and into which folder, then runs ONNX Runtime's own script", async () => {
    const asked: string[] = [];
    const { done, said, scripts } = fetching({
      size: async (address) => {
        asked.push(address);
        return 271_828_182;
      },
    });
    await done;
    const [address] = asked;
    expect(address).toMatch(
      /^https:\/\/api\.nuget\.org\/v3-flatcontainer\/microsoft\.ml\.onnxruntime\.gpu\.linux\/\d+\.\d+\.\d+\/microsoft\.ml\.onnxruntime\.gpu\.linux\.\d+\.\d+\.\d+\.nupkg$/,
    );
    expect(said()).toContain(`a package of 272 MB, from ${address}`);
    expect(said()).toMatch(/into \S*onnxruntime-node\S*linux\S*x64: libonnxruntime_providers_cuda\.so, /);
    expect(scripts).toEqual([expect.stringMatching(/onnxruntime-node[/\\]script[/\\]install\.js$/)]);
  });

  it('runs nothing without a connection, and says so in a sentence', async () => {
    const { done, scripts } = fetching({
      size: () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND api.nuget.org') }),
        ),
    });
    await expect(done).rejects.toMatchObject({
      code: 'device-unavailable',
      message:
        'The CUDA provider could not be fetched: api.nuget.org cannot be reached (getaddrinfo ENOTFOUND api.nuget.org).',
    });
    expect(scripts).toEqual([]);
  });

  it("says what the script's own failure was", async () => {
    const words =
      'node:internal\n\nError: Failed to download build list. HTTP status code = 503\n    at x (y.js)';
    const { done } = fetching({ install: async () => ({ status: 1, words }) });
    await expect(done).rejects.toThrow(
      /status 1: Error: Failed to download build list. HTTP status code = 503$/,
    );
  });

  it('is for Linux x64', async () => {
    await expect(fetching({ platform: 'darwin/arm64' }).done).rejects.toThrow(
      'ONNX Runtime has CUDA on Linux x64 only; this is darwin/arm64.',
    );
  });

  it('takes an unreachable server for no connection', async () => {
    await expect(outside.size('http://127.0.0.1:9/')).rejects.toThrow();
  });
});
