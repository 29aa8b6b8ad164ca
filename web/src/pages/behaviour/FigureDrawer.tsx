import { useInfiniteQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { type FigurePeople, figurePeopleQuery } from "../../api/behaviour";
import type { SegmentDraft } from "../../api/types";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { useFormat } from "../../ui/useFormat";
import { PeopleTable } from "../people/PeopleTable";
import styles from "./behaviour.module.css";
import { Keep, type Shown } from "./Keep";

export type { Shown } from "./Keep";

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
