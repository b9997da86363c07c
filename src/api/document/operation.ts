/** Reading a whole document: what `source.uri` of a passage opens. */
import { z } from "zod";
import type { App } from "../../app/app.js";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { sanitize } from "../../core/sanitize.js";
import { MAX_RESOURCE_CHARS } from "../limits.js";
import type { Operation } from "../operation.js";

const input = z.strictObject({
  collection: z.string().min(1).max(MOST_NAME_CHARS),
  document: z.string().min(1).max(8_192),
});

export const documentOperation: Operation<Pick<App, "readDocument">, typeof input, { readonly text: string }> = {
  name: "read_document",
  input,
  span: { settings: ["collection"], texts: ["document"] },
  deadline: true,
  async run(call, app, { collection, document }) {
    const found = await app.readDocument(call, call.access.collection(collection), { document });
    const text = sanitize(found.text);
    const isCut = text.length > MAX_RESOURCE_CHARS;
    const cut = isCut
      ? `${text.slice(0, MAX_RESOURCE_CHARS).toWellFormed()}\n[cut: ${text.length} characters in all]`
      : text;
    return { value: { text: cut }, text: cut };
  },
};
