/** Which jobs a caller may see, follow and cancel. */
import type { Call } from "../core/call.js";
import type { Job } from "../core/job.js";
import { thisProcess } from "../process/owner.js";
import { isInside, placeOf, placesOf } from "../versions/scope.js";
import { sourceCollection } from "./input.js";

/** By what they write and by what they read: a job of unknown place is shown to callers of the process that ran it. */
export async function visibleJobs({ access }: Call): Promise<(job: Job) => boolean> {
  const roots = access.roots && placesOf(await access.roots());
  return ({ collection, insteadOf, source, place, owner }) => {
    const from = sourceCollection(source);
    if (!access.allows(insteadOf ?? collection) || (from !== undefined && !access.allows(from))) return false;
    if (roots === undefined) return true;
    return place === undefined ? owner === thisProcess() : isInside(placeOf(place), roots);
  };
}
