/**
 * Row tables. Where indices are known in advance, work on gathered rows is done once per distinct row and gathered
 * after: gather(f(T), i) for f(gather(T, i)). Two operands with their own indices are paired: as many rows as there
 * are distinct pairs of indices (for modular addition: 2p + 1 pairs of token and position in the place of 3 per
 * example).
 */
import { node, sizeOf, type Tensor } from './graph.ts';
import { isElementwise } from './rewrite-algebra.ts';
import { indexConstant, knownIndices, reshapeGroups, type Rule } from './rewrite.ts';
import { broadcast, contract, gather, reshape, slice, transpose } from './trace.ts';

/** A tensor of shape [...indexShape, ...rest] seen as rows of a table [rows, ...rest]. */
interface Rows {
  table: Tensor;
  indices: Int32Array;
  indexShape: readonly number[];
}

function rowsOf(tensor: Tensor): Rows | null {
  if (tensor.operation.kind !== 'gather') return null;
  const [table, index] = tensor.inputs as [Tensor, Tensor];
  const indices = knownIndices(index);
  return indices === null ? null : { table, indices, indexShape: index.shape };
}

/** The rows that are used, each once, in the order of the table; and the indices into them. */
function compact({ table, indices, indexShape }: Rows): Rows {
  const used = [...new Set(indices)].sort((a, b) => a - b);
  if (used.length === table.shape[0]) return { table, indices, indexShape };
  const place = new Map(used.map((row, i) => [row, i]));
  return {
    table: gather(table, indexConstant(used, [used.length])),
    indices: indices.map((row) => place.get(row) as number),
    indexShape,
  };
}

function collect(table: Tensor, { indices, indexShape }: Pick<Rows, 'indices' | 'indexShape'>): Tensor {
  return gather(table, indexConstant(indices, indexShape));
}

function saves(table: Tensor, rows: Rows): boolean {
  return (table.shape[0] as number) < rows.indices.length;
}

/** One row for all: take it and repeat it. Every row once, in order: the table itself. */
const trivialGather: Rule = (tensor) => {
  const rows = rowsOf(tensor);
  if (rows === null) return null;
  const { table, indices, indexShape } = rows;
  const [first = 0] = indices;
  const rest = table.shape.slice(1);
  if (indices.every((row) => row === first)) {
    const row = slice(
      table,
      table.shape.map((_, axis) => (axis === 0 ? first : 0)),
      [1, ...rest],
    );
    return broadcast(reshape(row, [...indexShape.map(() => 1), ...rest]), tensor.shape);
  }
  const inOrder = indices.length === table.shape[0] && indices.every((row, i) => row === i);
  return inOrder ? reshape(table, tensor.shape) : null;
};

/** gather(gather(T, i), j) = gather(T, i[j]). */
const gatherOfGather: Rule = (tensor) => {
  const outer = rowsOf(tensor);
  const inner = outer === null ? null : rowsOf(outer.table);
  if (outer === null || inner === null) return null;
  const width = sizeOf(inner.indexShape.slice(1));
  const composed = Int32Array.from({ length: outer.indices.length * width }, (_, i) => {
    const row = outer.indices[Math.floor(i / width)] as number;
    return inner.indices[row * width + (i % width)] as number;
  });
  return collect(inner.table, {
    indices: composed,
    indexShape: [...outer.indexShape, ...inner.indexShape.slice(1)],
  });
};

/** Operations along the rest axes of one gathered operand. */
const unaryOnRows: Rule = ({ operation, inputs: [x], shape }) => {
  const rows = x === undefined ? null : rowsOf(x);
  if (x === undefined || rows === null) return null;
  const rank = rows.indexShape.length;
  const { table, indices, indexShape } = compact(rows);
  if (!saves(table, rows)) return null;
  switch (operation.kind) {
    case 'softmax':
    case 'logSoftmax':
    case 'argMax':
      if (operation.axis < rank) return null;
      return collect(node({ kind: operation.kind, axis: operation.axis - rank + 1 }, [table]), {
        indices,
        indexShape,
      });
    case 'reduceSum':
    case 'reduceMax': {
      if (operation.axes.some((axis) => axis < rank)) return null;
      const axes = operation.axes.map((axis) => axis - rank + 1);
      return collect(node({ kind: operation.kind, axes }, [table]), { indices, indexShape });
    }
    case 'reshape': {
      // Index axes and rest axes have to stay apart.
      let split = 0;
      for (const group of reshapeGroups(x.shape, shape)) {
        const indexed = group.from.filter((axis) => axis < rank);
        const mixed = indexed.length < group.from.length;
        // Index axes of size 1 may go to the rest.
        if (mixed && indexed.some((axis) => x.shape[axis] !== 1)) return null;
        if (indexed.length > 0 && !mixed) split += group.to.length;
      }
      const rest = shape.slice(split);
      return collect(reshape(table, [table.shape[0] as number, ...rest]), {
        indices,
        indexShape: shape.slice(0, split),
      });
    }
    default:
      return null;
  }
};

/** Elementwise operations on gathered rows and operands that have the same value, or rows of their own, per index. */
const elementwiseOnRows: Rule = (tensor) => {
  if (!isElementwise(tensor)) return null;
  const lead = tensor.inputs.map(rowsOf).find((rows) => rows !== null);
  if (lead === undefined) return null;
  const restRank = lead.table.shape.length - 1;
  const indexShape = tensor.shape.slice(0, tensor.shape.length - restRank);
  const n = sizeOf(indexShape);
  const operands = tensor.inputs.map((input) => viewAsRows(input, indexShape, restRank));
  // Distinct tuples of row numbers, in ascending order.
  const keys = new Float64Array(n);
  for (const { table, indices } of operands) {
    const count = table.shape[0] as number;
    indices.forEach((row, i) => (keys[i] = (keys[i] as number) * count + row));
  }
  const distinct = [...new Set(keys)].sort((a, b) => a - b);
  if (distinct.length >= n || !distinct.every(Number.isSafeInteger)) return null;
  const place = new Map(distinct.map((key, i) => [key, i]));
  const sample = new Int32Array(distinct.length);
  const indices = Int32Array.from(keys, (key, i) => {
    const at = place.get(key) as number;
    sample[at] = i;
    return at;
  });
  const tables = operands.map((rows) =>
    collect(rows.table, {
      indices: sample.map((i) => rows.indices[i] as number),
      indexShape: [distinct.length],
    }),
  );
  return collect(node(tensor.operation, tables), { indices, indexShape });
};

/** An operand that broadcasts to [...indexShape, ...rest], as rows; without a gather of its own its leading axes are the rows. */
function viewAsRows(operand: Tensor, indexShape: readonly number[], restRank: number): Rows {
  const own = rowsOf(operand);
  const rest = operand.shape.slice(Math.max(0, operand.shape.length - restRank));
  const leading = operand.shape.slice(0, operand.shape.length - rest.length);
  const ownIndices = own !== null && own.indexShape.length === leading.length ? own.indices : null;
  const spread = [...indexShape.slice(leading.length).map(() => 1), ...leading];
  const indices = new Int32Array(sizeOf(indexShape));
  for (let i = 0; i < indices.length; i++) {
    let [position, stride, remaining] = [0, 1, i];
    for (let axis = indexShape.length - 1; axis >= 0; axis--) {
      const size = indexShape[axis] as number;
      if (spread[axis] !== 1) position += (remaining % size) * stride;
      stride *= spread[axis] as number;
      remaining = Math.floor(remaining / size);
    }
    indices[i] = ownIndices === null ? position : (ownIndices[position] as number);
  }
  const padded = [...Array.from({ length: restRank - rest.length }, () => 1), ...rest];
  const table = own !== null && ownIndices !== null ? own.table : operand;
  const rows = table === operand ? sizeOf(leading) : (table.shape[0] as number);
  return { table: reshape(table, [rows, ...padded]), indices, indexShape };
}

/** Products in which the gathered axes only pass through. */
const contractRows: Rule = ({ operation, inputs }) => {
  if (operation.kind !== 'contract') return null;
  const sides = [
    { own: operation.a, other: operation.b, at: 0 },
    { own: operation.b, other: operation.a, at: 1 },
  ];
  for (const { own, other, at } of sides) {
    const rows = rowsOf(inputs[at] as Tensor);
    if (rows === null) continue;
    const indexLabels = own.slice(0, rows.indexShape.length);
    if ([...indexLabels].some((label) => other.includes(label) || !operation.out.includes(label))) continue;
    const { table, indices, indexShape } = compact(rows);
    if (!saves(table, rows)) continue;
    const row = freeLabel(operation.a + operation.b);
    const restOut = [...operation.out].filter((label) => !indexLabels.includes(label)).join('');
    const labels = row + own.slice(indexLabels.length);
    const partner = inputs[1 - at] as Tensor;
    const product =
      at === 0
        ? contract(`${labels},${other}->${row}${restOut}`, table, partner)
        : contract(`${other},${labels}->${row}${restOut}`, partner, table);
    const gathered = indexLabels + restOut;
    return transpose(
      collect(product, { indices, indexShape }),
      [...operation.out].map((label) => gathered.indexOf(label)),
    );
  }
  return null;
};

function freeLabel(used: string): string {
  return [...'rstuvwxyzabcdefghijklmnopqRSTUVWXYZ'].find((label) => !used.includes(label)) as string;
}

export const rowRules: readonly Rule[] = [
  trivialGather,
  gatherOfGather,
  unaryOnRows,
  elementwiseOnRows,
  contractRows,
];
