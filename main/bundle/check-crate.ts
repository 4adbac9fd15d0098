/**
 * The rules a bundle's RO-Crate has to keep: the MUSTs of RO-Crate 1.1 and Process Run Crate 0.5 (as in the shapes of
 * rocrate-validator), and what this bundle promises on top: an author, the application's version, an action per run.
 */
import {
  COMPLETED,
  CRATE_CONTEXT,
  CRATE_PROFILE,
  crateId,
  FAILED,
  PROCESS_PROFILE,
  runActionId,
} from './crate.ts';
import { METADATA_FILE, PREVIEW_FILE } from './layout.ts';

type Entity = Record<string, unknown>;

interface Graph {
  entities: Map<string, Entity>;
  add: (fault: string) => void;
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const absoluteUri = /^[a-z][a-z0-9+.-]*:\S+$/i;
const actionTypes = ['CreateAction', 'ActivateAction', 'UpdateAction'];

/**
 * @param document the parsed `ro-crate-metadata.json`
 * @param payload paths of all payload files (`data/…`)
 * @param runIds the runs of the study
 * @returns faults as short phrases
 */
export function crateFaults(
  document: unknown,
  payload: readonly string[],
  runIds: readonly string[],
): string[] {
  const faults: string[] = [];
  const add = (fault: string): void => {
    faults.push(fault);
  };
  if (!isEntity(document) || !Array.isArray(document['@graph'])) return ['holds no "@graph"'];
  if (!values(document['@context']).includes(CRATE_CONTEXT)) add(`"@context" is not ${CRATE_CONTEXT}`);
  const entities = new Map<string, Entity>();
  for (const entity of document['@graph'] as unknown[]) {
    const id = isEntity(entity) ? entity['@id'] : undefined;
    if (!isEntity(entity) || typeof id !== 'string') return [...faults, 'an entity has no "@id"'];
    if (entity['@type'] === undefined) add(`entity "${id}" has no "@type"`);
    if (entities.has(id)) add(`entity "${id}" appears twice`);
    entities.set(id, entity);
  }
  const graph: Graph = { entities, add };
  checkDescriptor(graph);
  const root = entities.get('./');
  if (root === undefined) return [...faults, 'the root dataset "./" is missing'];
  checkRoot(graph, root);
  checkFiles(graph, root, payload);
  checkActions(graph, root, runIds);
  return [...new Set(faults)];
}

function checkDescriptor({ entities, add }: Graph): void {
  const descriptor = entities.get('ro-crate-metadata.json');
  if (descriptor === undefined) return add('the metadata descriptor is missing');
  if (!hasType(descriptor, 'CreativeWork')) add('the metadata descriptor is no CreativeWork');
  if (!references(descriptor['about']).includes('./')) add('the metadata descriptor is not about "./"');
  if (!references(descriptor['conformsTo']).includes(CRATE_PROFILE)) {
    add(`the metadata descriptor does not conform to ${CRATE_PROFILE}`);
  }
}

function checkRoot({ entities, add }: Graph, root: Entity): void {
  if (!hasType(root, 'Dataset')) add('the root dataset is no Dataset');
  for (const property of ['name', 'description'] as const) {
    if (!isText(root[property])) add(`the root dataset has no ${property}`);
  }
  const published = root['datePublished'];
  if (typeof published !== 'string' || !isoDate.test(published)) {
    add('the root dataset has no datePublished in ISO 8601');
  }
  const [licence] = references(root['license']);
  if (licence === undefined && !isText(root['license'])) add('the root dataset has no licence');
  if (licence !== undefined && !isTyped(entities.get(licence), 'CreativeWork')) {
    add(`the licence "${licence}" is not described as a CreativeWork`);
  }
  const authors = references(root['author']);
  if (authors.length === 0) add('the root dataset has no author');
  for (const author of authors) {
    const entity = entities.get(author);
    const known = isTyped(entity, 'Person') || isTyped(entity, 'Organization');
    if (!known || !isText(entity?.['name']))
      add(`the author "${author}" is no Person or Organization with a name`);
  }
  const conforms = references(root['conformsTo']).includes(PROCESS_PROFILE);
  if (!conforms) add(`the root dataset does not conform to ${PROCESS_PROFILE}`);
  else if (!isTyped(entities.get(PROCESS_PROFILE), 'CreativeWork')) {
    add(`the profile ${PROCESS_PROFILE} is not described as a CreativeWork`);
  }
}

function checkFiles({ entities, add }: Graph, root: Entity, payload: readonly string[]): void {
  const parts = new Set(references(root['hasPart']));
  const files = new Set(
    payload.filter((path) => path !== METADATA_FILE && path !== PREVIEW_FILE).map(crateId),
  );
  for (const file of files) {
    if (!parts.has(file)) add(`hasPart does not list "${file}"`);
    if (!isTyped(entities.get(file), 'File')) add(`"${file}" is not described as a File`);
  }
  for (const part of parts) if (!files.has(part)) add(`hasPart lists "${part}", which is not in the bundle`);
  for (const [id, entity] of entities) {
    if (hasType(entity, 'File') && !parts.has(id)) add(`the File "${id}" is not linked through hasPart`);
  }
}

function checkActions({ entities, add }: Graph, root: Entity, runIds: readonly string[]): void {
  const mentions = new Set(references(root['mentions']));
  for (const [id, entity] of entities) {
    if (!actionTypes.some((type) => hasType(entity, type))) continue;
    const instruments = references(entity['instrument']);
    if (instruments.length === 0) add(`the action "${id}" has no instrument`);
    for (const instrument of instruments) checkApplication({ entities, add }, instrument);
    for (const property of ['object', 'result', 'agent'] as const) {
      for (const target of references(entity[property])) {
        if (!entities.has(target))
          add(`the action "${id}" names "${target}" as ${property}, which is not described`);
      }
    }
    if (references(entity['result']).length === 0) add(`the action "${id}" has no result`);
    const status = entity['actionStatus'];
    if (status !== undefined && status !== COMPLETED && status !== FAILED) {
      add(`the action "${id}" has an unknown actionStatus`);
    }
    if (entity['error'] !== undefined && status !== FAILED)
      add(`the action "${id}" has an error but did not fail`);
    if (!mentions.has(id)) add(`the action "${id}" is not listed in mentions`);
  }
  for (const runId of runIds) {
    if (!isTyped(entities.get(runActionId(runId)), 'CreateAction'))
      add(`the run "${runId}" has no CreateAction`);
  }
}

function checkApplication({ entities, add }: Graph, id: string): void {
  const application = entities.get(id);
  if (!isTyped(application, 'SoftwareApplication'))
    return add(`the instrument "${id}" is no SoftwareApplication`);
  if (!absoluteUri.test(id)) add(`the application's id "${id}" is no absolute URI`);
  if (!isText(application?.['softwareVersion'])) add(`the application "${id}" has no softwareVersion`);
}

function isEntity(value: unknown): value is Entity {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function values(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function hasType(entity: Entity, type: string): boolean {
  return values(entity['@type']).includes(type);
}

function isTyped(entity: Entity | undefined, type: string): boolean {
  return entity !== undefined && hasType(entity, type);
}

/** The ids that a property refers to. */
function references(value: unknown): string[] {
  return values(value).flatMap((one) =>
    isEntity(one) && typeof one['@id'] === 'string' ? [one['@id']] : [],
  );
}

/** The licence and the author that a crate states, for people; of a crate that keeps its rules. */
export function crateCredits(document: unknown): { licence: string; author: string } {
  const graph = isEntity(document) ? values(document['@graph']).filter(isEntity) : [];
  const find = (id: string | undefined): Entity | undefined => graph.find((one) => one['@id'] === id);
  const root = find('./') ?? {};
  const licence = find(references(root['license'])[0]);
  const stated = [licence?.['identifier'], licence?.['@id'], root['license']].find(isText);
  const authors = references(root['author']).flatMap((id) => {
    const name = find(id)?.['name'];
    return typeof name === 'string' ? [name] : [];
  });
  return { licence: String(stated ?? 'not stated'), author: authors.join(', ') };
}
