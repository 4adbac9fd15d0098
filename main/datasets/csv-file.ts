import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { MAX_CSV_BYTES, readCsv, selectColumns, type CsvTable } from '../../shared/csv-text.ts';
import { InputError, printValue, type InputFault } from '../../shared/errors.ts';

type JsonObject = Record<string, unknown>;

/**
 * A study's JSON in which every table that only names its file has the file's cells, so that the study is complete by
 * itself. Such a dataset is written `{ "kind": "csv-classification", "file": "flowers.csv", "target": "species",
 * "standardize": true, "trainFraction": 0.5 }`, the path being relative to `folder`; `"inputs": ["width", "height"]`
 * keeps only these columns besides the target. Everything else is returned as it is.
 * @throws InputError naming the arm when a file cannot be read, is too large or lacks a column
 */
export async function embedTables(study: unknown, folder: string): Promise<unknown> {
  if (!isObject(study) || !Array.isArray(study['arms'])) return study;
  const arms = await Promise.all(
    study['arms'].map(async (arm: unknown, i) =>
      isObject(arm) && isObject(arm['dataset'])
        ? { ...arm, dataset: await embedTable(arm['dataset'], `arms[${i}].dataset`, folder) }
        : arm,
    ),
  );
  return { ...study, arms };
}

async function embedTable(dataset: JsonObject, at: string, folder: string): Promise<JsonObject> {
  if (isObject(dataset['of'])) {
    return { ...dataset, of: await embedTable(dataset['of'], `${at}.of`, folder) };
  }
  const { kind, file, rows, columns, inputs, ...rest } = dataset;
  const isTable = kind === 'csv-classification' || kind === 'csv-regression';
  if (!isTable || typeof file !== 'string' || rows !== undefined || columns !== undefined) return dataset;
  const table = await readTable(resolve(folder, file), `${at}.file`, file);
  const kept = inputs === undefined ? table : keepColumns(table, inputs, rest['target'], at);
  return { kind, file: basename(file), ...kept, ...rest };
}

async function readTable(path: string, at: string, file: string): Promise<CsvTable> {
  const refuse = (expected: string): never => {
    throw new InputError('The study', [{ path: at, value: printValue(file), expected }]);
  };
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_CSV_BYTES)
      return refuse(
        `a file of at most ${MAX_CSV_BYTES / 1e6} MB: this one has ${(size / 1e6).toFixed(1)} MB`,
      );
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    return refuse(`a file that can be read, relative to the study file (${(error as Error).message})`);
  }
  return readCsv(text, file);
}

function keepColumns(table: CsvTable, inputs: unknown, target: unknown, at: string): CsvTable {
  const { columns } = table;
  const faults: InputFault[] = [];
  const expected = `a list of columns of the file: ${columns.slice(0, 20).join(', ')}`;
  if (!Array.isArray(inputs)) faults.push({ path: `${at}.inputs`, value: printValue(inputs), expected });
  else {
    inputs.forEach((name, i) => {
      if (!columns.includes(name as string))
        faults.push({ path: `${at}.inputs[${i}]`, value: printValue(name), expected });
    });
  }
  if (faults.length > 0) throw new InputError('The study', faults);
  return selectColumns(table, [...(inputs as string[]), String(target)]);
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
