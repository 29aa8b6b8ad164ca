import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type Figure, type FigurePeople, figurePeopleQuery } from "../../api/behaviour";
import { KEPT, keepFigure, snapshotList } from "../../api/lists";
import { saveSegment } from "../../api/queries";
import type { SegmentDraft } from "../../api/types";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { useFormat } from "../../ui/useFormat";
import { PeopleTable } from "../people/PeopleTable";
import styles from "./behaviour.module.css";

export interface Shown {
  title: string;
  figure: Figure;
}

/** The people behind one figure; the same people as a list, and as a segment where segments can say it. */
export function FigureDrawer({ shown, onClose }: { shown: Shown | null; onClose: () => void }) {
  return (
    <Drawer open={shown !== null} onClose={onClose} title={shown?.title} size={760} destroyOnHidden>
      {shown && <Behind key={JSON.stringify(shown.figure)} shown={shown} />}
    </Drawer>
  );
}

function Behind({ shown }: { shown: Shown }) {
  const { t } = useI18n();
  const format = useFormat();
  const people = useInfiniteQuery(figurePeopleQuery(shown.figure));
  const first = people.data?.pages[0];
  return (
    <>
      {first && (
        <div className={styles.behind}>
          <strong>{t("people.total", { count: format.count(first.total), n: first.total })}</strong>
          {first.total > 0 && (
            <Keep
              shown={shown}
              definition={(first.definition ?? null) as SegmentDraft["definition"] | null}
            />
          )}
        </div>
      )}
      <PeopleTable
        rows={people.data?.pages.flatMap((page: FigurePeople) => page.items)}
        error={people.error}
        onRetry={people.refetch}
        empty={<EmptyState title={t("behaviour.nobody")} />}
      />
      <LoadMore pager={people} />
    </>
  );
}

/** A list stays as it is; a segment goes on asking who they are. */
function Keep({ shown, definition }: { shown: Shown; definition: SegmentDraft["definition"] | null }) {
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
