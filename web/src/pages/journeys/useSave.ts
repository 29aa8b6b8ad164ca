import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiError } from "../../api/client";
import { saveJourney } from "../../api/queries";
import { tidied } from "./canvas/edits";
import { writeDefinition } from "./definition";
import type { Kept } from "./useKept";

const CONFLICT = "journeys.draft_changed";

/** Save a draft and go to its journey. Refused because somebody else saved first, saving once more replaces theirs. */
export function useSave(id: string | null, { seen, onSaved }: { seen?: string; onSaved: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [replaces, setReplaces] = useState(false);
  return useMutation({
    mutationFn: ({ name, definition }: Kept) =>
      saveJourney(id, {
        name: name.trim(),
        definition: writeDefinition(tidied(definition)),
        seen: replaces ? null : (seen ?? null),
      }),
    onError: (error) => setReplaces(error instanceof ApiError && error.problem.code === CONFLICT),
    onSuccess: (journey) => {
      onSaved();
      queries.invalidateQueries({ queryKey: ["journeys"] });
      queries.invalidateQueries({ queryKey: ["journey", journey.id] });
      navigate(`/journeys/${journey.id}`);
    },
  });
}
