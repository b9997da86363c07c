/** Comparing and naming fingerprints. */
import type { Fingerprint } from "./types.js";

/** `all-MiniLM-L6-v2@b6e15bdb`: enough to tell models apart, short enough to read. */
export function fingerprintLabel(fingerprint: Fingerprint): string {
  return `${fingerprint.model.split("/").at(-1)}@${fingerprint.sha256.slice(0, 8)}`;
}

export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return (Object.keys(a) as (keyof Fingerprint)[]).every((key) => a[key] === b[key]);
}
