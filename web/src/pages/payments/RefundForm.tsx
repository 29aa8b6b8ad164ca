import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { askRefund } from "../../api/payments";
import type { Payment } from "../../api/types";
import { fenOf, yuanOf } from "../../format/fen";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./payments.module.css";
import { useFen } from "./words";

const REASON_MAX = 26;

interface RefundFormProps {
  payment: Payment;
  onClose: () => void;
}

/** Giving back a part or all. The key is made once, so that trying again never gives back twice. */
export function RefundForm({ payment, onClose }: RefundFormProps) {
  const { t } = useI18n();
  const fen = useFen();
  const queries = useQueryClient();
  const [key] = useState(() => `console:${crypto.randomUUID()}`);
  const [yuan, setYuan] = useState(yuanOf(payment.refundable_minor));
  const [reason, setReason] = useState("");
  const amount = fenOf(yuan);
  const isTooMuch = amount !== null && amount > payment.refundable_minor;
  const ask = useMutation({
    mutationFn: () => askRefund(payment.id, { key, amount_minor: amount ?? 0, reason: reason.trim() }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["payments"] });
      queries.invalidateQueries({ queryKey: ["refunds"] });
      onClose();
    },
  });
  const problem = isTooMuch
    ? t("refund.tooMuch", { amount: fen(payment.refundable_minor) })
    : amount === null && t("refund.noAmount");
  return (
    <Modal
      open
      title={t("refund.give")}
      okText={t("refund.submit", { amount: amount === null ? "" : fen(amount) })}
      okButtonProps={{ danger: true, disabled: amount === null || isTooMuch, loading: ask.isPending }}
      onOk={() => ask.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        <Field
          label={t("refund.yuan")}
          hint={t("refund.left", { amount: fen(payment.refundable_minor) })}
          problem={problem}
        >
          {(id) => (
            <Input
              id={id}
              autoFocus
              inputMode="decimal"
              prefix="¥"
              value={yuan}
              status={problem ? "error" : undefined}
              onChange={(event) => setYuan(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("refund.reason")} hint={t("refund.reason.hint")}>
          {(id) => (
            <Input
              id={id}
              showCount
              maxLength={REASON_MAX}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {ask.error && <ErrorNotice error={ask.error} />}
      </div>
    </Modal>
  );
}
