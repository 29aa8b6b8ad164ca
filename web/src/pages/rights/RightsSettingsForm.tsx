import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { InputNumber, Modal } from "antd";
import { useState } from "react";
import { type RightsSettings, rightsSettingsQuery, saveRightsSettings } from "../../api/rights";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { Field } from "../channels/content/Field";
import styles from "./rights.module.css";

const DUE_MAX = 60;
const DELAY_MAX = 720;

/** By when requests are to be done, and how long an erasure waits that one person confirms alone. */
export function RightsSettingsForm({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(rightsSettingsQuery);
  const [changed, setChanged] = useState<Partial<RightsSettings>>({});
  const settings = { ...data, ...changed };
  const save = useMutation({
    mutationFn: () => saveRightsSettings(settings),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["rights-settings"] });
      onClose();
    },
  });
  const failed = save.error ?? error;
  return (
    <Modal
      open
      title={t("rights.settings")}
      okText={t("save")}
      okButtonProps={{ disabled: !data, loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        {!data && !error && <Bone width="60%" />}
        {data && (
          <>
            <Field label={t("rights.settings.due")}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={1}
                  max={DUE_MAX}
                  value={settings.due_working_days}
                  onChange={(value) => value !== null && setChanged({ ...changed, due_working_days: value })}
                />
              )}
            </Field>
            <Field label={t("rights.settings.delay")}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={0}
                  max={DELAY_MAX}
                  value={settings.delay_hours}
                  onChange={(value) => value !== null && setChanged({ ...changed, delay_hours: value })}
                />
              )}
            </Field>
          </>
        )}
        {failed && <ErrorNotice error={failed} onRetry={error ? refetch : undefined} />}
      </div>
    </Modal>
  );
}
