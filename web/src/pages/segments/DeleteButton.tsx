import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useNavigate } from "react-router";
import { deleteSegment } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";

export function DeleteButton({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteSegment(segment.id),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      navigate("/segments");
    },
  });
  return (
    <>
      {remove.error && <ErrorNotice error={remove.error} />}
      <Popconfirm
        title={t("segments.deleteAsk", { name: segment.name })}
        okText={t("segments.delete")}
        onConfirm={() => remove.mutate()}
      >
        <Button danger loading={remove.isPending}>
          {t("segments.delete")}
        </Button>
      </Popconfirm>
    </>
  );
}
