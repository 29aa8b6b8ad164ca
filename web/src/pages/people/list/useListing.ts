import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { PeopleFilter, PeopleListing } from "../../../api/peopleLists";
import { readListing, writeListing } from "./listing";

interface ListingState {
  listing: PeopleListing;
  change: (part: Partial<PeopleListing>) => void;
  narrow: (part: Partial<PeopleFilter>) => void;
}

/** The list on the screen, kept in the page's address. */
export function useListing(): ListingState {
  const [params, setParams] = useSearchParams();
  const listing = useMemo(() => readListing(params), [params]);
  const change = useCallback(
    (part: Partial<PeopleListing>) =>
      setParams((now) => writeListing({ ...readListing(now), ...part }), { replace: true }),
    [setParams],
  );
  const narrow = useCallback(
    (part: Partial<PeopleFilter>) =>
      setParams(
        (now) => {
          const before = readListing(now);
          return writeListing({ ...before, filter: { ...before.filter, ...part } });
        },
        { replace: true },
      ),
    [setParams],
  );
  return { listing, change, narrow };
}
