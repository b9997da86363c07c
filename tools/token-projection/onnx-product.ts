/** An ONNX model of one node, `projected = terms × matrix`, written as the protobuf that onnx.proto describes. */

const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 14;

/** @param matrix `rows × columns`, row by row */
export function onnxProduct(matrix: Float32Array, rows: number, columns: number): Buffer {
  const node = message(text(1, "terms"), text(1, "matrix"), text(2, "projected"), text(4, "MatMul"));
  const initializer = message(
    integer(1, rows),
    integer(1, columns),
    integer(2, FLOAT),
    text(8, "matrix"),
    bytes(9, Buffer.from(matrix.buffer, matrix.byteOffset, matrix.byteLength)),
  );
  const graph = message(
    bytes(1, node),
    text(2, "token-projection"),
    bytes(5, initializer),
    bytes(11, valueInfo("terms", rows)),
    bytes(12, valueInfo("projected", columns)),
  );
  return message(integer(1, IR_VERSION), bytes(7, graph), bytes(8, message(text(1, ""), integer(2, OPSET))));
}

/** A matrix with any number of rows. */
function valueInfo(name: string, columns: number): Buffer {
  const shape = message(bytes(1, message(text(2, "rows"))), bytes(1, message(integer(1, columns))));
  return message(text(1, name), bytes(2, message(bytes(1, message(integer(1, FLOAT), bytes(2, shape))))));
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const groups: number[] = [];
  let left = value;
  for (; left > 127; left >>>= 7) groups.push((left & 127) | 128);
  return Buffer.from([...groups, left]);
}
