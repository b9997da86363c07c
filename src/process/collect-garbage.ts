/** A full garbage collection, for the few moments when what became garbage is large or holds files open. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Blocks for some milliseconds: for child processes only. */
export const collectGarbage = runInNewContext("globalThis.gc") as () => void;
