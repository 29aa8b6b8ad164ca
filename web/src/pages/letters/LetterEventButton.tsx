import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useState } from "react";
import { letterEventQuery } from "../../api/letters";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { JsonView } from "../../ui/JsonView";

/** The event of one letter, without anything that could name a person. */
export function LetterEventButton({ subscriber, position }: { subscriber: string; position: string }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("letters.show")}
      </Button>
      <Modal
        open={open}
        footer={null}
        onCancel={() => setOpen(false)}
        title={t("letters.event")}
        destroyOnHidden
      >
        <LetterEvent subscriber={subscriber} position={position} />
      </Modal>
    </>
  );
}

function LetterEvent({ subscriber, position }: { subscriber: string; position: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, refetch } = useQuery(letterEventQuery(subscriber, position));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <p className="muted">…</p>;
  return (
    <>
      <p>
        <strong>{data.name}</strong> <code className="mono">{data.source}</code>{" "}
        {formatDateTime(data.occurred_at, zone)}
      </p>
      <p className="muted">{t("letters.masked")}</p>
      <JsonView value={{ messageId: data.message_id, properties: data.properties, context: data.context }} />
    </>
  );
}
