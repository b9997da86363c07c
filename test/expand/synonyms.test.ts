import { describe, expect, it } from "vitest";
import { synonymVariants } from "#src/expand/synonyms.js";
import { analyse } from "#src/text/analyser.js";
import { lexicon } from "../text/lexicon.js";

const added = (query: string) => synonymVariants(query, lexicon).map(({ text }) => text);

describe("synonyms", () => {
  it("are those of the sense that is nearly always meant", () => {
    expect(added("rent a car")).toContain("auto motorcar automobile");
    expect(added("rent a car").join(" ")).not.toMatch(/gondola|railcar/);
  });

  it("are left out when they nearly always mean something else themselves", () => {
    // "machine" is in the same synset as "car".
    expect(added("rent a car").join(" ")).not.toContain("machine");
  });

  it("are left out where no sense is meant more than the others", () => {
    expect(added("a bank")).toEqual([]);
    expect(added("run")).toEqual([]);
  });

  it("are found for inflected forms, irregular ones too", () => {
    expect(added("several tumours")).toEqual(added("several tumour"));
    expect(added("newborns").join(" ")).toContain("neonate");
    expect(added("metastases").join(" ")).toContain("metastasis");
  });

  it("depend on the part of speech that the word before asks for", () => {
    expect(added("how to repair")).toEqual(["mend"]);
    expect(added("the repair")).toEqual(["fixing"]);
    // Cows low, but "to" is no sign of it.
    expect(added("due to low weight").join(" ")).not.toContain("moo");
  });

  it("are found for several words together, and then not for each of them", () => {
    expect(added("ice cream")).toEqual(["icecream"]);
    expect(added("the ice creams melt").join(" ")).toContain("icecream");
    expect(added("kidney disease").join(" ")).toContain("nephropathy");
    expect(added("kidney, disease").join(" ")).not.toContain("nephropathy");
  });

  it("of several words are used for nouns only: the words of an idiom mean something else each", () => {
    expect(added("he died").join(" ")).not.toMatch(/farm|ghost/);
  });

  it.each([
    ["stop words", "who is it and why was it not there"],
    ["identifiers", "carRental car_rental"],
    ["names", "in Paris"],
    ["quoted words", 'about "the car"'],
  ])("are not looked for: %s", (_, query) => {
    expect(added(query)).toEqual([]);
  });

  it.each(["java", "paris", "monday", "turkey"])("are never names' other names: %s", (query) => {
    expect(added(query).join(" ")).not.toMatch(/city|capital|coffee|island|mon\b|republic/);
  });

  it("always add a term that the query does not have", () => {
    for (const query of ["tumor tumour", "rent a car or an automobile", "metabolize"]) {
      const known = new Set(analyse(query));
      for (const text of added(query)) expect(analyse(text).some((term) => !known.has(term))).toBe(true);
    }
  });

  it("are given once for a term that is repeated", () => {
    expect(added("car and car and car")).toHaveLength(1);
  });

  it("weigh what they stand for: less in a longer query, less when less sure", () => {
    const weight = (query: string) => synonymVariants(query, lexicon)[0]?.weight ?? 0;
    expect(weight("car")).toBeGreaterThan(weight("fast red car rental"));
    const weights = synonymVariants("the newborn in the hospital with a tumor", lexicon).map((each) => each.weight);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    expect(weights.length).toBeGreaterThan(1);
  });
});
