import type { Inheritance } from "../../../api/wecom/inheritance";
import { type MessageKey, useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";

type Share = Inheritance["takers"][number];

/** Who gets how many. */
export function Shares({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<Share>[] = [
    {
      key: "name",
      title: t("wecom.inherit.taker"),
      lead: true,
      render: (row) => (
        <>
          {row.name} {row.problem && <Tag tone="red">{t("wecom.inherit.unfit")}</Tag>}
        </>
      ),
    },
    { key: "held", title: t("wecom.inherit.held"), align: "end", render: (row) => format.count(row.held) },
    {
      key: "gets",
      title: t("wecom.inherit.gets"),
      align: "end",
      render: (row) => format.count(row.customers),
    },
    {
      key: "groups",
      title: t("wecom.inherit.getsGroups"),
      align: "end",
      render: (row) => format.count(row.groups),
    },
  ];
  return (
    <Panel title={t("wecom.inherit.takers")} flush>
      <DataTable
        label={t("wecom.inherit.takers")}
        columns={columns}
        rows={plan.takers}
        rowKey={(row) => row.userid}
        empty={null}
        testId="inheritance-shares"
      />
    </Panel>
  );
}

/** What is known to go wrong. */
export function Known({ counts }: { counts: Record<string, number> }) {
  const { t } = useI18n();
  const words = useReasonWords();
  const known = Object.entries(counts);
  if (known.length === 0) return <p className="muted">{t("wecom.inherit.problems.none")}</p>;
  return (
    <>
      <p>{t("wecom.inherit.problems")}</p>
      <ul>
        {known.map(([reason, count]) => (
          <li key={reason}>
            {words(reason)} × {count}
          </li>
        ))}
      </ul>
    </>
  );
}

export function useReasonWords(): (reason: string) => string {
  const { t, has } = useI18n();
  return (reason) => {
    const key = `wecom.inherit.reason.${reason}`;
    return has(key) ? t(key as MessageKey) : reason;
  };
}
