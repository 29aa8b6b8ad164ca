import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useNavigate } from "react-router";
import { snapshotList } from "../../api/lists";
import type { Segment } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { toJson } from "./tree";

/** Hold fast who is in a segment now, as a list. */
export function SnapshotButton({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const zone = useZone();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const snapshot = useMutation({
    mutationFn: () => {
      const at = formatDateTime(new Date().toISOString(), zone);
      return snapshotList(
        t("list.snapshotName", { name: segment.name, at }).slice(0, 100),
        toJson({ kind: "segment", segment: segment.id }),
      );
    },
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      navigate(`/segments/${made.segment.id}`);
    },
  });
  return (
    <>
      {snapshot.error && <ErrorNotice error={snapshot.error} />}
      <Button title={t("list.snapshotHint")} loading={snapshot.isPending} onClick={() => snapshot.mutate()}>
        {t("list.snapshot")}
      </Button>
    </>
  );
}
