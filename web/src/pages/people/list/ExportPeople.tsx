import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Input, InputNumber } from "antd";
import { useState } from "react";
import { startPeopleExport } from "../../../api/peopleExports";
import type { Audience } from "../../../api/peopleJobs";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import styles from "./list.module.css";
import { useColumnWords } from "./useColumnWords";

interface Props {
  audience: Audience;
  count: number;
  columns: readonly string[];
  onClose: () => void;
  onStarted: () => void;
}

const KEEP_DAYS = 7;

/** Who leaves the platform in a file: with a reason, masked unless asked otherwise. */
export function ExportPeople({ audience, count, columns, onClose, onStarted }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useColumnWords();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [unmasked, setUnmasked] = useState(false);
  const [keepDays, setKeepDays] = useState(KEEP_DAYS);
  const start = useMutation({
    mutationFn: () =>
      startPeopleExport({ audience, columns, reason: reason.trim(), unmasked, keep_days: keepDays }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["people-exports"] });
      onStarted();
    },
  });
  return (
    <Drawer open size={440} title={t("peopleExports.start")} onClose={onClose}>
      <div className={styles.stack} data-testid="export-people">
        <p className="soft">
          {t("peopleExports.columns", {
            columns: [t("peopleExports.always"), ...columns.map(words)].join("、"),
          })}
        </p>
        <Field label={t("peopleExports.reason")}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={reason}
              maxLength={300}
              autoSize={{ minRows: 2 }}
              placeholder={t("peopleExports.reason.hint")}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <Checkbox checked={unmasked} onChange={(event) => setUnmasked(event.target.checked)}>
          {t("peopleExports.unmasked")}
        </Checkbox>
        <Field label={t("peopleExports.keepDays")}>
          {(id) => (
            <InputNumber
              id={id}
              min={1}
              max={30}
              value={keepDays}
              onChange={(value) => setKeepDays(value ?? KEEP_DAYS)}
            />
          )}
        </Field>
        <p className="soft">{t("peopleExports.effect", { count: format.count(count), n: count })}</p>
        <Button
          type="primary"
          disabled={reason.trim().length < 2}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {t("peopleExports.do")}
        </Button>
        {start.error && <ErrorNotice error={start.error} />}
      </div>
    </Drawer>
  );
}
