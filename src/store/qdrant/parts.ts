/** What is sent in parts, none of which grows with the collection. */
import { isTooLarge } from "./errors.js";

/** One part after the other, of `most` items at first; of fewer once the server finds one too large. */
export async function inParts<T>(
  items: readonly T[],
  most: number,
  send: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  let size = most;
  for (let from = 0; from < items.length; ) {
    const part = items.slice(from, from + size);
    try {
      await send(part);
      from += part.length;
    } catch (error) {
      if (part.length === 1 || !isTooLarge(error)) throw error;
      size = Math.ceil(part.length / 2);
    }
  }
}
