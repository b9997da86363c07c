/** The tools, in the order clients see them. */
import type { App } from "../app/app.js";
import { getDocumentOperation } from "./get-document/operation.js";
import { healthOperation } from "./health/operation.js";
import { listDocumentsOperation } from "./list-documents/operation.js";
import type { Tool } from "./operation.js";
import { reindexOperation } from "./reindex/operation.js";
import { retrieveOperation } from "./retrieve/operation.js";

/** @param mayWait whether a caller of `reindex` may ask to wait for the end, however long */
export function createTools(
  boot: Pick<App["boot"], "queryMaxChars" | "profileChoice" | "isReadOnly">,
  mayWait = true,
): readonly Tool<App>[] {
  return [
    retrieveOperation(boot),
    getDocumentOperation,
    listDocumentsOperation,
    ...(boot.isReadOnly ? [] : [reindexOperation({}, mayWait)]),
    healthOperation,
  ] as readonly Tool<App>[];
}
