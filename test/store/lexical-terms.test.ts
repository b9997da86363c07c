import { describe, expect, it } from "vitest";
import type { Metadata } from "#src/core/types.js";
import { lexicalTerms } from "#src/store/lexical-terms.js";
import { document } from "../contract/fixtures.js";

const termsOf = (metadata: Metadata, texts = ["quokka"]) => lexicalTerms(document("7f3a", texts, { metadata }));

describe("the terms of a passage", () => {
  it.each([
    ["aliases", ["Kubernetes", "k8s"], ["kubernet", "k8s"]],
    ["alias", "k8s", ["k8s"]],
    ["tags", ["zeppelin-project", "maxTokens"], ["zeppelin", "project", "maxtoken", "max", "token"]],
    ["tag", "release", ["releas"]],
    ["keywords", "pods, nodes", ["pod", "node"]],
    ["category", "release", ["releas"]],
    ["categories", [2024, "release"], ["2024", "releas"]],
    ["author", "Ottoline Grubb", ["ottolin", "grubb"]],
    ["author.name", "Ottoline Grubb", ["ottolin", "grubb"]],
    ["authors", ["Ottoline Grubb", "Basil Grubb"], ["ottolin", "grubb", "basil"]],
    ["taxonomies.tags", ["release"], ["releas"]],
    ["Tags", ["release"], ["releas"]],
  ])("include each word of its document's %s once", (name, value, terms) => {
    expect(termsOf({ [name]: value }, ["quokka", "wombat"])).toEqual([
      ["quokka", ...terms],
      ["wombat", ...terms],
    ]);
  });

  it("include no word of other fields", () => {
    const metadata = {
      status: "draft",
      "author.url": "release",
      hashtags: "a1",
      description: "wombat",
      date: "2024-05-17",
    };
    expect(termsOf(metadata)).toEqual([["quokka"]]);
  });

  it("are not outweighed by a list without end", () => {
    const tags = Array.from({ length: 1_000 }, (_, i) => `tag${i}`);
    expect(termsOf({ tags })[0]).toHaveLength(1 + 64);
  });
});
