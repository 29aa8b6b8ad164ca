import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer } from "antd";
import { useState } from "react";
import { officialAccountsQuery } from "../../../api/channels";
import { sendMessage } from "../../../api/messages";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { isNodeReady, type SendNode } from "../../journeys/definition";
import { SendForm } from "../../journeys/SendForm";

/** Write one message to this person; what the governor decides is said at once. */
export function SendToPerson({ personId }: { personId: string }) {
  const { t } = useI18n();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may("messages.send")) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("person.send")}</Button>
      <Drawer
        title={t("person.send")}
        open={isOpen}
        onClose={() => setOpen(false)}
        width={480}
        destroyOnHidden
      >
        <Form personId={personId} />
      </Drawer>
    </>
  );
}

function Form({ personId }: { personId: string }) {
  const { t, locale } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(officialAccountsQuery);
  // One key for one opening of the form: a second click sends nothing again.
  const [key] = useState(() => crypto.randomUUID());
  const [written, setWritten] = useState(BLANK);
  // The accounts may be known only after the first words are written.
  const node = { ...written, account_id: written.account_id || (data?.items[0]?.id ?? "") };
  const send = useMutation({
    mutationFn: () => {
      const { kind: _, label: __, next: ___, ...said } = node;
      return sendMessage({
        message_class: "marketing",
        expires_after_s: 86_400,
        ...said,
        key,
        person_id: personId,
      });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["messages"] }),
  });
  if (send.data) {
    const reason = send.data.reason_text?.[locale];
    return (
      <Alert
        showIcon
        type={reason ? "warning" : "success"}
        title={reason ? t("person.send.refused", { reason }) : t("person.send.taken")}
      />
    );
  }
  return (
    <>
      <SendForm node={node} onChange={setWritten} />
      {send.error && <ErrorNotice error={send.error} />}
      <Button
        type="primary"
        disabled={!isNodeReady(node)}
        loading={send.isPending}
        onClick={() => send.mutate()}
      >
        {t("person.send.now")}
      </Button>
    </>
  );
}

const BLANK: SendNode = {
  kind: "send",
  account_id: "",
  message_kind: "customer_service_text",
  content: { text: "" },
  next: "",
};
