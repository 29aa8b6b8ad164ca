import { useInfiniteQuery } from "@tanstack/react-query";
import { segmentMembersQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { PeopleTable } from "../people/PeopleTable";

export function Members({ id }: { id: string }) {
  const { t } = useI18n();
  const members = useInfiniteQuery(segmentMembersQuery(id));
  return (
    <>
      <PeopleTable
        rows={members.data?.pages.flatMap((page) => page.items)}
        error={members.error}
        onRetry={members.refetch}
        empty={
          <EmptyState title={t("segments.members.empty")}>{t("segments.members.empty.text")}</EmptyState>
        }
      />
      <LoadMore pager={members} />
    </>
  );
}
