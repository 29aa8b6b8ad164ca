import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { segmentsQuery } from "../../api/queries";

/** The name behind a segment's id; a deleted one keeps its id. */
export function useSegmentName(): (id: string) => string {
  const { data } = useQuery(segmentsQuery);
  const segments = data?.items;
  return useCallback((id: string) => segments?.find((segment) => segment.id === id)?.name ?? id, [segments]);
}
