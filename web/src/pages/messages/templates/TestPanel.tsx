import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { sendTest, type TemplateVariant } from "../../../api/messageTemplates";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Field } from "../../channels/content/Field";
import { PeopleSelect } from "../../channels/PeopleSelect";
import { isReady } from "./draft";
import styles from "./templates.module.css";

const TESTERS_MAX = 10;

/** Send what is written to some colleagues, as it is. */
export function TestPanel({ variant }: { variant: TemplateVariant }) {
  const { t, locale } = useI18n();
  const queries = useQueryClient();
  const [people, setPeople] = useState<readonly string[]>([]);
  const send = useMutation({
    mutationFn: () => sendTest(crypto.randomUUID(), people, variant),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["messages"] }),
  });
  return (
    <Panel title={t("mtp.test")} testId="template-test">
      <div className={styles.form}>
        <p className="muted">{t("mtp.test.lead")}</p>
        <Field label={t("mtp.test.to")}>
          {(id) => <PeopleSelect id={id} max={TESTERS_MAX} value={people} onChange={setPeople} />}
        </Field>
        <div>
          <Button
            disabled={people.length === 0 || !isReady(variant)}
            loading={send.isPending}
            onClick={() => send.mutate()}
          >
            {t("mtp.test.send")}
          </Button>
        </div>
        {send.error && <ErrorNotice error={send.error} />}
        {send.data?.items.map((one) => {
          const reason = one.reason_text?.[locale];
          return (
            <Alert
              key={one.message_id}
              showIcon
              type={reason ? "warning" : "success"}
              title={
                reason
                  ? t("mtp.test.refused", { name: one.person_id, reason })
                  : t("mtp.test.taken", { name: one.person_id })
              }
            />
          );
        })}
      </div>
    </Panel>
  );
}
