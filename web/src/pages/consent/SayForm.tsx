import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { CHANNELS, type ConsentChannel, EVERY, purposesQuery, sayConsent } from "../../api/consent";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./consent.module.css";
import { usePurposeName } from "./words";

const REASON_MAX = 300;

/** Enters what a person said, with the reason; the same click twice is one entry. */
export function SayForm({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const name = usePurposeName();
  const { data } = useQuery(purposesQuery);
  const [operation] = useState(() => `console:${randomId()}`);
  const [purpose, setPurpose] = useState("marketing");
  const [channel, setChannel] = useState<ConsentChannel>(EVERY);
  const [state, setState] = useState<"granted" | "withdrawn">("withdrawn");
  const [reason, setReason] = useState("");
  const say = useMutation({
    mutationFn: () =>
      sayConsent(personId, {
        operation_id: operation,
        purpose,
        channel,
        state,
        evidence: { reason: reason.trim() },
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["consent", personId] });
      queries.invalidateQueries({ queryKey: ["consent-coverage"] });
      queries.invalidateQueries({ queryKey: ["timeline", personId] });
      onClose();
    },
  });
  const purposes = [...(data?.items.map((one) => one.key) ?? []), EVERY];
  return (
    <Modal
      open
      title={t("consent.say")}
      okText={t("save")}
      okButtonProps={{ disabled: !reason.trim(), loading: say.isPending }}
      onOk={() => say.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack} data-testid="say-consent">
        <p className="muted">{t("consent.say.text")}</p>
        <Segmented
          aria-label={t("consent.state")}
          value={state}
          onChange={setState}
          options={(["withdrawn", "granted"] as const).map((value) => ({
            value,
            label: t(`consent.say.${value}`),
          }))}
        />
        <Field label={t("consent.purpose")}>
          {(id) => (
            <Select
              id={id}
              value={purpose}
              onChange={setPurpose}
              options={purposes.map((value) => ({ value, label: name(value) }))}
            />
          )}
        </Field>
        <Field label={t("consent.channel")}>
          {(id) => (
            <Select
              id={id}
              value={channel}
              onChange={setChannel}
              options={[EVERY, ...CHANNELS].map((value) => ({
                value: value as ConsentChannel,
                label: t(`consent.channel.${value as ConsentChannel}`),
              }))}
            />
          )}
        </Field>
        <Field label={t("consent.reason")}>
          {(id) => (
            <Input
              id={id}
              value={reason}
              maxLength={REASON_MAX}
              placeholder={t("consent.reason.example")}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {say.error && <ErrorNotice error={say.error} />}
      </div>
    </Modal>
  );
}

// Not crypto.randomUUID: pages opened without TLS, on an address of the local network, do not have it.
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
