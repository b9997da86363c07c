/** Lines of a byte stream with bounded memory: a line beyond the limit is passed over without being kept. */

export interface ByteLine {
  /** 1-based. */
  readonly line: number;
  /** Without its line feed; undefined when the line is longer than the limit. */
  readonly bytes: Buffer | undefined;
}

/** Holds at most one chunk of the stream and `maxBytes` of an unfinished line. */
export async function* readLines(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ByteLine> {
  let line = 1;
  let kept: Uint8Array[] = [];
  let length = 0;
  const keep = (piece: Uint8Array) => {
    length += piece.length;
    if (length <= maxBytes) kept.push(piece);
    else kept = [];
  };
  const take = (): ByteLine => {
    const result = { line: line++, bytes: length > maxBytes ? undefined : Buffer.concat(kept) };
    kept = [];
    length = 0;
    return result;
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let feed = chunk.indexOf(10); feed !== -1; feed = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, feed));
      yield take();
      from = feed + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (length > 0) yield take();
}
