import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Input, InputNumber, Segmented } from "antd";
import { useState } from "react";
import { EXPORT_FORMATS, type ExportFormat, startPeopleExport } from "../../../api/peopleExports";
import type { Audience } from "../../../api/peopleJobs";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import { ExportColumns } from "./ExportColumns";
import styles from "./list.module.css";
import { useExportColumns } from "./useExportColumns";

interface Props {
  audience: Audience;
  /** Unknown while it is counted. */
  count: number | undefined;
  /** What the list shows, which is what the file holds unless others are chosen. */
  columns: readonly string[];
  onClose: () => void;
  onStarted: () => void;
}

const KEEP_DAYS = 7;

/** Who leaves the platform in a file: with a reason, masked unless asked otherwise. */
export function ExportPeople({ audience, count, columns, onClose, onStarted }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const chosen = useExportColumns(columns);
  const queries = useQueryClient();
  const [kind, setKind] = useState<ExportFormat>("csv");
  const [reason, setReason] = useState("");
  const [unmasked, setUnmasked] = useState(false);
  const [keepDays, setKeepDays] = useState(KEEP_DAYS);
  const start = useMutation({
    mutationFn: () =>
      startPeopleExport({
        audience,
        columns: chosen.columns,
        format: kind,
        reason: reason.trim(),
        unmasked,
        keep_days: keepDays,
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["people-exports"] });
      onStarted();
    },
  });
  return (
    <Drawer open size={440} title={t("peopleExports.start")} onClose={onClose}>
      <div className={styles.stack} data-testid="export-people">
        <Field label={t("peopleExports.format")} hint={t(`peopleExports.format.${kind}.hint`)}>
          {() => (
            <Segmented<ExportFormat>
              value={kind}
              onChange={setKind}
              options={EXPORT_FORMATS.map((value) => ({ value, label: t(`peopleExports.format.${value}`) }))}
            />
          )}
        </Field>
        <Field label={t("peopleExports.columns")}>
          {() => (
            <>
              <ExportColumns columns={chosen.columns} onChange={chosen.choose} />
              {chosen.isOwn && (
                <Button type="link" size="small" onClick={chosen.asListed}>
                  {t("peopleExports.asListed")}
                </Button>
              )}
            </>
          )}
        </Field>
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
        {count !== undefined && (
          <p className="soft">{t("peopleExports.effect", { count: format.count(count), n: count })}</p>
        )}
        <Button
          type="primary"
          disabled={reason.trim().length < 2 || count === 0}
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
