import { describe, expect, it } from "vitest";
import { Access, CollectionPass } from "#src/core/access.js";
import { noCollection } from "#src/core/not-found.js";

describe("access to some collections", () => {
  const access = Access.to(["docs"]);

  it("gives a pass for each of them", () => {
    expect(access.collection("docs")).toBeInstanceOf(CollectionPass);
    expect(access.collection("docs").name).toBe("docs");
    expect(access.bypass).toBeUndefined();
  });

  it.each(["secret", "Docs", "docs ", "docs\0", "d\u043ecs", ""])("refuses %j as what does not exist", (name) => {
    expect(access.allows(name)).toBe(false);
    expect(() => access.collection(name)).toThrow(noCollection(name).message);
  });
});

describe("full access", () => {
  it("gives a pass for every name, and says why", () => {
    const access = Access.full("a test");
    expect(access.collection("anything").name).toBe("anything");
    expect(access.bypass).toBe("a test");
  });
});

describe("a pass", () => {
  it("reaches another name with a reason", () => {
    expect(Access.to(["docs"]).collection("docs").reaching("docs_1", "a version of it").name).toBe("docs_1");
  });

  it("is made by nobody else", () => {
    expect(() => new CollectionPass(Symbol("granted") as never, "docs")).toThrow(TypeError);
  });
});
