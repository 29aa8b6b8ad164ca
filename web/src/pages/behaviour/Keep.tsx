import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import type { Figure } from "../../api/behaviour";
import { KEPT, keepFigure, snapshotList } from "../../api/lists";
import { saveSegment } from "../../api/queries";
import type { SegmentDraft } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./behaviour.module.css";

export interface Shown {
  title: string;
  figure: Figure;
}

/** A list stays as it is; a segment goes on asking who they are. */
export function Keep({ shown, definition }: { shown: Shown; definition: SegmentDraft["definition"] | null }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(shown.title.slice(0, 100));
  const save = useMutation({
    mutationFn: async (as: "segment" | "list") => {
      if (as === "segment" && definition) {
        return saveSegment(null, { name: name.trim(), description: "", definition });
      }
      const made =
        definition && !KEPT.includes(shown.figure.of)
          ? await snapshotList(name.trim(), definition)
          : await keepFigure(name.trim(), shown.figure);
      return made.segment;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["segments"] }),
  });
  if (save.data) {
    return (
      <Link to={`/segments/${save.data.id}`} role="status">
        {t("behaviour.saved", { name: save.data.name })}
      </Link>
    );
  }
  const button = (as: "segment" | "list") => (
    <Button
      disabled={name.trim() === ""}
      loading={save.isPending && save.variables === as}
      onClick={() => save.mutate(as)}
    >
      {t(as === "segment" ? "behaviour.saveSegment" : "behaviour.saveAsList")}
    </Button>
  );
  return (
    <div className={styles.keep}>
      <Input
        value={name}
        maxLength={100}
        aria-label={t("behaviour.segmentName")}
        onChange={(event) => setName(event.target.value)}
      />
      {definition && button("segment")}
      {button("list")}
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}
