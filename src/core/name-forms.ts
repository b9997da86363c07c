/**
 * The ways a file's name may be written: one system composes its letters (NFC), another takes them apart (NFD), and
 * what people and models type is composed.
 */

/** Itself first. */
export function nameForms(name: string): readonly string[] {
  return [...new Set([name, name.normalize("NFC"), name.normalize("NFD")])];
}
