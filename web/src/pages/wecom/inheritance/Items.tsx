import { useInfiniteQuery } from "@tanstack/react-query";
import { Segmented, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type Inheritance, type InheritanceItem, planItemsQuery } from "../../../api/wecom/inheritance";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useReasonWords } from "./Shares";
import { endedOf, ITEM_STATES, ITEM_TONES } from "./words";

/** Every customer and every group of a plan. */
export function Items({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  const hasCustomers = endedOf(plan.customers).total > 0;
  const [what, setWhat] = useState<"customer" | "group">(hasCustomers ? "customer" : "group");
  const [state, setState] = useState("");
  const items = useInfiniteQuery(planItemsQuery(plan.id, what, state || undefined));
  const states = [
    { value: "", label: t("wecom.inherit.item.all") },
    ...ITEM_STATES.map((one) => ({ value: one, label: t(`wecom.inherit.item.${one}`) })),
  ];
  return (
    <Panel
      title={t("wecom.inherit.items")}
      flush
      extra={
        <>
          <Segmented
            value={what}
            onChange={setWhat}
            options={[
              { value: "customer", label: t("wecom.inherit.customers") },
              { value: "group", label: t("wecom.inherit.groups") },
            ]}
          />
          <Select
            aria-label={t("wecom.inherit.state")}
            value={state}
            onChange={setState}
            options={states}
            style={{ width: 120 }}
          />
        </>
      }
    >
      <DataTable
        label={t("wecom.inherit.items")}
        columns={useColumns(what)}
        rows={items.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.key}
        error={items.error}
        onRetry={items.refetch}
        empty={<p className="muted">–</p>}
        testId="inheritance-items"
      />
      <LoadMore pager={items} />
    </Panel>
  );
}

function useColumns(what: "customer" | "group"): Column<InheritanceItem>[] {
  const { t } = useI18n();
  const zone = useZone();
  const words = useReasonWords();
  return [
    {
      key: "name",
      title: t(what === "customer" ? "wecom.inherit.item" : "wecom.inherit.item.group"),
      lead: true,
      render: (row) => <Name row={row} what={what} />,
    },
    { key: "taker", title: t("wecom.inherit.taker"), render: (row) => row.taker_name || "–" },
    {
      key: "state",
      title: t("wecom.inherit.state"),
      render: (row) => <Tag tone={ITEM_TONES[row.state]}>{t(`wecom.inherit.item.${row.state}`)}</Tag>,
    },
    {
      key: "reason",
      title: t("wecom.inherit.item.reason"),
      render: (row) => {
        const reason = row.reason || row.problem;
        return reason ? `${words(reason)}${row.code ? `（${row.code}）` : ""}` : "–";
      },
    },
    {
      key: "due",
      title: t("wecom.inherit.item.due"),
      render: (row) => (row.state === "waiting" && row.due_at ? formatDateTime(row.due_at, zone) : "–"),
    },
  ];
}

function Name({ row, what }: { row: InheritanceItem; what: "customer" | "group" }) {
  const { t } = useI18n();
  if (what === "group") return row.name || t("wecom.inherit.groups.unnamed");
  const name = row.name || t("wecom.inherit.item.nameless");
  return row.person_id ? <Link to={`/people/${row.person_id}`}>{name}</Link> : name;
}
