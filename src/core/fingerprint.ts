/** Comparing and naming fingerprints. */
import type { CollectionSpec, Fingerprint } from "./types.js";

/** `all-MiniLM-L6-v2@b6e15bdb`: enough to tell models apart, short enough to read. */
export function fingerprintLabel(fingerprint: Fingerprint): string {
  return `${fingerprint.model.split("/").at(-1)}@${fingerprint.sha256.slice(0, 8)}`;
}

function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return (Object.keys(a) as (keyof Fingerprint)[]).every((key) => a[key] === b[key]);
}

/** Whether what was made with `theirs` (undefined: made elsewhere) can be searched on both legs with `ours`. */
export function fitsSpec(theirs: CollectionSpec | undefined, ours: Omit<CollectionSpec, "alias">): boolean {
  return hasVectorsOf(theirs, ours.fingerprint) && theirs?.analyser === ours.analyser;
}

/** Whether the vectors can be kept as they are. */
export function hasVectorsOf(theirs: CollectionSpec | undefined, ours: Fingerprint): boolean {
  return theirs !== undefined && sameFingerprint(theirs.fingerprint, ours);
}
