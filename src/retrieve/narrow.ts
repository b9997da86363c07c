/** A profile and what a call asks of it: a call may leave parts out, never add one. */
import { AppError } from "../core/errors.js";
import type { RerankingChoice, RetrievalProfile } from "../core/profile.js";
import type { RetrieveMode } from "../core/types.js";

export interface Wishes {
  readonly mode?: RetrieveMode | undefined;
  /** false leaves the part out of this call. */
  readonly expand?: boolean | undefined;
  readonly rerank?: boolean | undefined;
}

export interface Narrowed {
  readonly profile: RetrievalProfile;
  readonly mode: RetrieveMode;
}

const NONE = { kind: "none" } as const;

/** @throws AppError `bad_request` for a part or a leg that the profile does not have: it is refused, not ignored */
export function narrow(profile: RetrievalProfile, { mode, expand, rerank }: Wishes): Narrowed {
  if (rerank && profile.reranking.kind === "none") throw isOff("rerank");
  if (expand && profile.expansion.kind === "none") throw isOff("expand");
  if (profile.legs === "dense" && mode !== undefined && mode !== "dense") {
    throw new AppError("bad_request", `mode "${mode}" needs the lexical leg, which HYBRID_ENABLED=0 switched off.`, {
      remedy: 'Ask with mode "dense" or leave it out.',
    });
  }
  return {
    mode: mode ?? profile.legs,
    profile: {
      ...profile,
      expansion: expand === false ? NONE : profile.expansion,
      reranking: rerank === false ? NONE : asked(profile.reranking, rerank),
    },
  };
}

/** A call that asks for re-ranking gets it, whatever the index lacks. */
function asked(reranking: RerankingChoice, rerank: boolean | undefined): RerankingChoice {
  return rerank && reranking.kind === "late-interaction" ? { ...reranking, absent: "compute" } : reranking;
}

/** The same without what needs the embedding model. */
export function lexicalOnly({ profile }: Narrowed): Narrowed {
  return { mode: "lexical", profile: { ...profile, reranking: comparesVectors(profile) ? NONE : profile.reranking } };
}

/** The same without any model: none is asked about a script that it does not read. */
export function wordsOnly({ profile }: Narrowed): Narrowed {
  return { mode: "lexical", profile: { ...profile, reranking: NONE } };
}

/** Whether re-ranking needs the embedding model. */
export function comparesVectors({ reranking }: RetrievalProfile): boolean {
  return reranking.kind === "late-interaction";
}

function isOff(part: string): AppError {
  return new AppError("bad_request", `"${part}": true asks for a stage that is off on this server.`, {
    remedy: `Leave "${part}" out.`,
  });
}
