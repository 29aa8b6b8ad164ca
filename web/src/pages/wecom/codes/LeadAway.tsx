import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useState } from "react";
import { type LiveCode, leadLiveCodeAway, type Place } from "../../../api/wecom/codes";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import { isPlaceReady } from "./draft";
import { PlaceField } from "./PlaceField";

interface LeadAwayProps {
  code: LiveCode;
  how: "pause" | "delete";
  onClose: () => void;
}

/** Asks where printed pictures lead before a code stops. */
export function LeadAway({ code, how, onClose }: LeadAwayProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [place, setPlace] = useState<Place>(code.redirect ?? code.draft.fallback ?? { kind: "closed" });
  const [tried, setTried] = useState(false);
  const change = useMutation({
    mutationFn: () => leadLiveCodeAway(code.row.id, how, place),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["live-codes"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t(`wecom.codes.away.${how}`)}
      okText={t(`wecom.codes.${how}`)}
      okButtonProps={{ danger: how === "delete" }}
      confirmLoading={change.isPending}
      onOk={() => {
        setTried(true);
        if (isPlaceReady(place)) change.mutate();
      }}
      onCancel={onClose}
    >
      <Field
        label={t("wecom.codes.away")}
        problem={tried && !isPlaceReady(place) && t("wecom.codes.problem.place")}
      >
        {() => (
          <PlaceField
            label={t("wecom.codes.away")}
            self={code.row.id}
            corp={code.row.corp}
            value={place}
            onChange={setPlace}
          />
        )}
      </Field>
      {change.error && <ErrorNotice error={change.error} />}
    </Modal>
  );
}
