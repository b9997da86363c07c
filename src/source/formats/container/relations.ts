/** Office Open XML packages: parts, and the relations by which they name each other (ECMA-376 part 2). */
import { posix } from "node:path";
import { readXml } from "./xml.js";
import { Zip } from "./zip.js";

export interface Relation {
  /** Last word of its type: `slide`, `styles` … */
  readonly type: string;
  /** Name of a part. */
  readonly target: string;
}

/** Compound file: what Office wrote before 2007, and what it puts around an encrypted document. */
const OLE_MAGIC = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Undefined for a locked one, or one of an old kind. @throws for what is neither */
export function openPackage(bytes: Uint8Array): Zip | undefined {
  return OLE_MAGIC.equals(bytes.subarray(0, OLE_MAGIC.length)) ? undefined : new Zip(bytes);
}

/** The part that a package is about. @throws where there is none */
export function mainPart(zip: Zip): string {
  const target = targetOf(relationsOf(zip, ""), "officeDocument");
  if (target === undefined) throw new Error("it names no main part");
  return target;
}

/** The title among a package's properties. */
export function packageTitle(zip: Zip): string | undefined {
  const part = targetOf(relationsOf(zip, ""), "core-properties");
  let isTitle = false;
  let title = "";
  readXml((part && zip.text(part)) ?? "", {
    open({ name }) {
      isTitle = name === "title";
      return undefined;
    },
    close() {
      isTitle = false;
    },
    text(data) {
      if (isTitle) title += data;
    },
  });
  return title.replace(/\s+/g, " ").trim() || undefined;
}

/** By their ids, in order. @param part "" for the package itself */
export function relationsOf(zip: Zip, part: string): ReadonlyMap<string, Relation> {
  const folder = posix.dirname(`/${part}`);
  const relations = new Map<string, Relation>();
  readXml(zip.text(posix.join(folder, "_rels", `${posix.basename(part)}.rels`).slice(1)) ?? "", {
    open(tag) {
      const [id, type, target] = ["Id", "Type", "Target"].map((name) => tag.get(name));
      if (tag.name === "Relationship" && id && type && target && tag.get("TargetMode") !== "External") {
        const name = posix.resolve(folder, target).slice(1);
        relations.set(id, { type: type.slice(type.lastIndexOf("/") + 1), target: name });
      }
      return undefined;
    },
    close: () => undefined,
  });
  return relations;
}

export function targetOf(relations: ReadonlyMap<string, Relation>, type: string): string | undefined {
  return [...relations.values()].find((relation) => relation.type === type)?.target;
}
