import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type StudyKind, saveStudy } from "../../api/studies";

/** A study's settings while they are edited, and how they are kept; `also` is what else has to be read anew. */
export function useStudySettings<Settings>(kind: StudyKind, kept: Settings, also: readonly string[] = []) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Settings>(kept);
  const save = useMutation({
    mutationFn: () => saveStudy(kind, draft),
    onSuccess: () =>
      Promise.all(
        [["study", kind], ...also.map((key) => [key])].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
  return { draft, setDraft, save };
}
