import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { block, blockedQuery, reachQuery, unblock } from "../../../api/messageRules";
import type { BlockScope, ReachWay } from "../../../api/types";
import { useMay, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useWhy } from "../../messages/MessageDrawer";
import { useReasonText } from "../../messages/words";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "messages", order: 5, Card: Reach };

const TONES = { now: "jade", later: "blue", no: "plain" } as const;

/** By which accounts a marketing message would reach somebody now, and why not; and the blocklist. */
function Reach({ personId }: PersonCardProps) {
  const { t, has } = useI18n();
  const zone = useZone();
  const why = useWhy();
  const reasonText = useReasonText();
  const reach = useQuery(reachQuery(personId));
  const columns: Column<ReachWay>[] = [
    {
      key: "way",
      title: t("reach.way"),
      lead: true,
      render: ({ channel, kind, template_title }) => {
        const key = `messageKind.${kind}`;
        const words = template_title || (has(key) ? t(key) : kind);
        return `${t(`channel.${channel}`)} · ${words}`;
      },
    },
    {
      key: "now",
      title: t("reach.now"),
      render: (row) => (
        <Tag tone={TONES[row.reachable]}>
          {t(row.reachable === "now" ? "reach.now.label" : `reach.${row.reachable}`)}
        </Tag>
      ),
    },
    {
      key: "why",
      title: t("reach.why"),
      wide: true,
      render: ({ reason, detail, until }) =>
        [
          reason && (detail?.includes(":") ? why(detail) : reasonText(reason)),
          until && t("decision.until", { at: formatDateTime(until, zone) }),
        ]
          .filter(Boolean)
          .join(" · "),
    },
  ];
  return (
    <Panel flush title={t("reach.title")} testId="person-reach" extra={<Blocking personId={personId} />}>
      <DataTable
        label={t("reach.title")}
        columns={columns}
        rows={reach.data?.ways}
        rowKey={(row) => `${row.account_id} ${row.kind} ${row.template_id ?? ""}`}
        error={reach.error}
        onRetry={reach.refetch}
        empty={<EmptyState title={t("reach.none")}>{t("reach.none.text")}</EmptyState>}
      />
    </Panel>
  );
}

function Blocking({ personId }: { personId: string }) {
  const { t } = useI18n();
  const may = useMay();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const blocked = useQuery(blockedQuery(personId));
  const changed = () => {
    setOpen(false);
    for (const key of ["blocklist", "reach"]) queries.invalidateQueries({ queryKey: [key] });
  };
  const remove = useMutation({ mutationFn: () => unblock(personId), onSuccess: changed });
  const entry = blocked.data?.entry;
  if (!may("messages.send") || !blocked.data) return null;
  if (entry)
    return (
      <span>
        <Tag tone="red">{t(`block.scope.${entry.scope}`)}</Tag> <small className="muted">{entry.note}</small>{" "}
        <Button size="small" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t("block.remove")}
        </Button>
      </span>
    );
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("block.add")}
      </Button>
      {isOpen && <BlockForm personId={personId} onDone={changed} onClose={() => setOpen(false)} />}
    </>
  );
}

function BlockForm({
  personId,
  onDone,
  onClose,
}: {
  personId: string;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useI18n();
  const [scope, setScope] = useState<BlockScope>("marketing");
  const [note, setNote] = useState("");
  const add = useMutation({
    mutationFn: () => block({ person_ids: [personId], scope, note }),
    onSuccess: onDone,
  });
  return (
    <Modal
      open
      title={t("block.add")}
      okText={t("block.confirm")}
      confirmLoading={add.isPending}
      onOk={() => add.mutate()}
      onCancel={onClose}
    >
      <p className="muted">{t("block.lead")}</p>
      <p>
        <Select
          aria-label={t("block.scope")}
          value={scope}
          onChange={setScope}
          options={(["marketing", "everything"] as const).map((value) => ({
            value,
            label: t(`block.scope.${value}`),
          }))}
          style={{ width: "100%" }}
        />
      </p>
      <Input
        aria-label={t("block.note")}
        placeholder={t("block.note")}
        maxLength={200}
        value={note}
        onChange={({ target }) => setNote(target.value)}
      />
      {add.error && <ErrorNotice error={add.error} />}
    </Modal>
  );
}
