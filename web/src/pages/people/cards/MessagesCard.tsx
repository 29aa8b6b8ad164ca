import { useInfiniteQuery } from "@tanstack/react-query";
import { messagesQuery } from "../../../api/queries";
import type { Message } from "../../../api/types";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { StateTag } from "../../messages/StateTag";
import { SendToPerson } from "../../messages/sending/SendToPerson";
import { useMessageReason } from "../../messages/words";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "messages", order: 10, Card: Messages };

function Messages({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const reason = useMessageReason();
  const messages = useInfiniteQuery(messagesQuery({ person: personId }));
  const columns: Column<Message>[] = [
    {
      key: "body",
      title: t("messages.content"),
      lead: true,
      render: (row) => row.body ?? <span className="muted">–</span>,
    },
    {
      key: "state",
      title: t("messages.state"),
      wide: true,
      render: (row) => (
        <>
          <StateTag state={row.state} /> {row.reason && <small className="muted">{reason(row)}</small>}
        </>
      ),
    },
    {
      key: "planned",
      title: t("person.messages.planned"),
      render: (row) => formatDateTime(row.planned_at, zone),
    },
  ];
  return (
    <Panel
      flush
      title={t("nav.messages")}
      testId="person-messages"
      extra={<SendToPerson personId={personId} />}
    >
      <DataTable
        label={t("nav.messages")}
        columns={columns}
        rows={messages.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.id}
        error={messages.error}
        onRetry={messages.refetch}
        empty={<EmptyState title={t("person.messages.empty")}>{t("person.messages.empty.text")}</EmptyState>}
      />
      <LoadMore pager={messages} />
    </Panel>
  );
}
