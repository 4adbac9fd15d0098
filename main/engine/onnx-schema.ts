/** The messages of onnx.proto3 that a graph of ours needs (ONNX IR version 10), and their encoding. */
import protobuf from 'protobufjs/light.js';

const repeated = 'repeated';

const root = protobuf.Root.fromJSON({
  options: { syntax: 'proto3' },
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        graph: { id: 7, type: 'GraphProto' },
        opsetImport: { id: 8, type: 'OperatorSetIdProto', rule: repeated },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    GraphProto: {
      fields: {
        node: { id: 1, type: 'NodeProto', rule: repeated },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, type: 'TensorProto', rule: repeated },
        input: { id: 11, type: 'ValueInfoProto', rule: repeated },
        output: { id: 12, type: 'ValueInfoProto', rule: repeated },
      },
    },
    NodeProto: {
      fields: {
        input: { id: 1, type: 'string', rule: repeated },
        output: { id: 2, type: 'string', rule: repeated },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, type: 'AttributeProto', rule: repeated },
      },
    },
    AttributeProto: {
      fields: {
        name: { id: 1, type: 'string' },
        f: { id: 2, type: 'float' },
        i: { id: 3, type: 'int64' },
        g: { id: 6, type: 'GraphProto' },
        ints: { id: 8, type: 'int64', rule: repeated },
        type: { id: 20, type: 'int32' },
      },
    },
    TensorProto: {
      fields: {
        dims: { id: 1, type: 'int64', rule: repeated },
        dataType: { id: 2, type: 'int32' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
    TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
    TensorTypeProto: {
      fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } },
    },
    TensorShapeProto: { fields: { dim: { id: 1, type: 'DimensionProto', rule: repeated } } },
    DimensionProto: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } },
    },
  },
});

const modelProto = root.lookupType('ModelProto');

/** `TensorProto.DataType` */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof elementTypes;

/** An integer, a list of integers, a float, or the body of a loop. */
export type Attribute = number | readonly number[] | { float: number } | { graph: OnnxGraph };

export interface OnnxNode {
  /** What ONNX Runtime calls it in its messages. */
  name: string;
  type: string;
  inputs: string[];
  output: string;
  /** Of a node that gives several values, those after the first. */
  moreOutputs?: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxValue {
  name: string;
  type: ElementType;
  /** A text names a size that is known when the graph runs. */
  shape: readonly (number | string)[];
}

export interface OnnxInitializer extends OnnxValue {
  shape: readonly number[];
  /** Little-endian, row-major. */
  bytes: Uint8Array;
}

export interface OnnxGraph {
  nodes: OnnxNode[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  initializers: OnnxInitializer[];
}

/** The bytes of a ModelProto (default operator set `opset`). */
export function encodeModel(graph: OnnxGraph, opset: number): Uint8Array {
  return modelProto
    .encode({
      irVersion: 10,
      producerName: 'latebloom',
      opsetImport: [{ domain: '', version: opset }],
      graph: graphMessage(graph, 'graph'),
    })
    .finish();
}

function graphMessage(graph: OnnxGraph, name: string): object {
  return {
    name,
    node: graph.nodes.map(({ name: nodeName, type, inputs, output, moreOutputs = [], attributes }) => ({
      input: inputs,
      output: [output, ...moreOutputs],
      name: nodeName,
      opType: type,
      attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...encodeAttribute(value) })),
    })),
    initializer: graph.initializers.map(({ name: valueName, type, shape, bytes }) => ({
      name: valueName,
      dims: shape,
      dataType: elementTypes[type],
      rawData: bytes,
    })),
    input: graph.inputs.map(valueInfo),
    output: graph.outputs.map(valueInfo),
  };
}

/** With its `AttributeProto.AttributeType`. */
function encodeAttribute(value: Attribute): object {
  if (typeof value === 'number') return { i: value, type: 2 };
  if ('graph' in value) return { g: graphMessage(value.graph, 'body'), type: 5 };
  return 'float' in value ? { f: value.float, type: 1 } : { ints: value, type: 7 };
}

function valueInfo({ name, type, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
