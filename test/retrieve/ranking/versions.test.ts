import { describe, expect, it } from "vitest";
import type { StoredPoint } from "#src/core/types.js";
import { diversify } from "#src/retrieve/ranking/diversify.js";

const PAGE =
  "Install the server with the package manager, then write its address into the settings file. Start it with the command below, and look at its log: it says on which port it listens and which folder it reads.";

let next = 0;
function passage(document: string, text: string, { title = "Installing", heading = "Steps" } = {}) {
  const id = String(next++);
  const candidate = { id, source: "docs", document, ordinal: 0, textHash: id, scores: [] };
  const point = {
    id,
    text,
    headings: [heading],
    record: { source: "docs", document, title },
  } as unknown as StoredPoint;
  return { candidate, point };
}

const documents = (list: readonly ReturnType<typeof passage>[]) => list.map(({ candidate }) => candidate.document);

describe("versions of one page", () => {
  const eight = Array.from({ length: 8 }, (_, i) =>
    passage(`v${i}/install.md`, `${PAGE} This is release ${i}.0.`, { title: `Installing ${i}.0` }),
  );

  it("take one place where others answer too, and the places that are left", () => {
    const other = passage("proxy.md", "Behind a proxy the address is another one.");
    expect(documents(diversify([...eight, other], 2))).toEqual(["v0/install.md", "proxy.md"]);
    expect(documents(diversify([...eight, other], 9)).slice(0, 3)).toEqual([
      "v0/install.md",
      "proxy.md",
      "v1/install.md",
    ]);
  });

  it("are told by title and headings and by most of their words", () => {
    const elsewhere = passage("start.md", PAGE, { heading: "Summary" });
    const different = passage("v9/install.md", "Unpack the archive. No package manager is needed any more.");
    expect(documents(diversify([...eight, elsewhere, different], 3))).toEqual([
      "v0/install.md",
      "start.md",
      "v9/install.md",
    ]);
  });

  it("are no matter of one document, whose sections may be alike", () => {
    const sections = ["one", "two"].map((word) => passage("api.md", `${PAGE} ${word}`));
    expect(diversify([...sections, passage("b.md", "Something else.")], 2)).toEqual(sections);
  });

  it("are not looked for before the texts were read", () => {
    const unread = eight.map(({ candidate }) => ({ candidate }));
    expect(diversify(unread, 8)).toEqual(unread);
  });
});
