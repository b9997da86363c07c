/** How a collection's points are to be read: as we write them, or as something else did (`foreign.ts`). */
import type { Call } from "../../core/call.js";
import type { ReadOptions } from "../../core/store-options.js";
import type { Candidate, Filter, StoredPoint } from "../../core/types.js";
import { toPointId } from "../shapes.js";
import { compileFilter, type FilterPlace } from "./filter.js";
import { toKey, toStoredPoint } from "./payload.js";
import {
  DENSE,
  type PointId,
  type QdrantFilter,
  type QdrantPoint,
  type WithPayload,
  type WithVector,
} from "./requests.js";

export interface Layout {
  readonly dimension: number;
  /** undefined: the only vector, which has no name. */
  readonly vectorName: string | undefined;
  /** Why it cannot be searched at all, if so. */
  readonly unsearchable?: string;
  /** Whether it can be searched by the terms of our analyser. */
  readonly hasTerms: boolean;
  /** Payload that is brought only on request. */
  readonly heavyFields: readonly string[];
  /** Payload that tells which passage a hit is. */
  readonly keyFields: readonly string[];
  toCandidate(hit: QdrantPoint, scores: readonly number[]): Candidate;
  toStoredPoint(point: QdrantPoint): StoredPoint;
  toPointId(id: string): PointId;
  /** undefined: nothing can fit. */
  compileFilter(call: Call, filter: Filter | undefined, place: FilterPlace): Promise<QdrantFilter | undefined>;
}

/** What a read asks the server for, beside the ids. */
export function whatToBring(
  { vectorName, heavyFields }: Layout,
  { vectors = false, tokens = false }: ReadOptions,
): { readonly payload: WithPayload; readonly vectors: WithVector } {
  return {
    payload: tokens || heavyFields.length === 0 || { exclude: heavyFields },
    vectors: vectors && (vectorName === undefined || [vectorName]),
  };
}

export function ownLayout(dimension: number): Layout {
  return {
    dimension,
    vectorName: DENSE,
    hasTerms: true,
    heavyFields: ["tokens"],
    keyFields: ["source", "document", "ordinal", "text_hash"],
    toCandidate({ id, payload }, scores) {
      const { source, document, ordinal, text_hash: textHash } = toKey(payload);
      return { id: String(id), source, document, ordinal, textHash, scores };
    },
    toStoredPoint: (point) => toStoredPoint(point, dimension),
    toPointId,
    compileFilter,
  };
}
