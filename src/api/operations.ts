/** The tools, in the order clients see them. */
import type { App } from "../app/app.js";
import { getDocumentOperation } from "./get-document/operation.js";
import { healthOperation } from "./health/operation.js";
import { listDocumentsOperation } from "./list-documents/operation.js";
import type { Tool } from "./operation.js";
import { reindexOperation } from "./reindex/operation.js";
import { retrieveOperation } from "./retrieve/operation.js";

export function createTools(boot: Pick<App["boot"], "queryMaxChars" | "profileChoice">): readonly Tool<App>[] {
  return [
    retrieveOperation(boot),
    getDocumentOperation,
    listDocumentsOperation,
    reindexOperation(),
    healthOperation,
  ] as readonly Tool<App>[];
}
