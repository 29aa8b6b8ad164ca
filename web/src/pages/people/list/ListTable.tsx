import { Checkbox } from "antd";
import type { ReactNode } from "react";
import type { ListRow } from "../../../api/peopleLists";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Tag } from "../../../ui/Tag";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { useFormat } from "../../../ui/useFormat";
import { RfmClassTag } from "../../rfm/RfmClassTag";
import { toneOf } from "../../tags/colors";
import { PersonName } from "../PersonName";
import styles from "./list.module.css";
import { ATTRIBUTE, IDENTITY } from "./listing";
import type { Chosen } from "./useChosen";
import { useColumnWords } from "./useColumnWords";

interface Props {
  rows: readonly ListRow[] | undefined;
  columns: readonly string[];
  chosen: Chosen;
  error: Error | null;
  onRetry: () => void;
  empty: ReactNode;
}

/** People with the columns that were chosen; whoever is ticked is meant by what is done next. */
export function ListTable({ rows, columns, chosen, error, onRetry, empty }: Props) {
  const { t } = useI18n();
  const render = useCells();
  const wordOf = useColumnWords();
  const { ids, everyone, choose } = chosen;
  const listed = rows?.map((row) => row.id) ?? [];
  const all = listed.length > 0 && (everyone || listed.every((id) => ids.has(id)));
  const shown: Column<ListRow>[] = [
    {
      key: "choose",
      title: t("peopleList.choose"),
      width: "44px",
      head: (
        <Checkbox
          aria-label={t("peopleList.chooseAll")}
          checked={all}
          indeterminate={!all && listed.some((id) => ids.has(id))}
          onChange={(event) => choose(listed, event.target.checked)}
        />
      ),
      render: (row) => (
        <Checkbox
          aria-label={t("peopleList.chooseOne", { name: row.display_name })}
          checked={everyone || ids.has(row.id)}
          onChange={(event) => choose([row.id], event.target.checked)}
        />
      ),
    },
    {
      key: "name",
      title: t("people.name"),
      lead: true,
      render: (row) => (
        <PersonName id={row.id} name={row.display_name} seed={row.avatar_seed} note={row.city} />
      ),
    },
    ...columns.map(
      (key): Column<ListRow> => ({
        key,
        title: wordOf(key),
        align: ENDS.has(key) ? "end" : undefined,
        render: (row) => render(key, row) ?? <span className="muted">–</span>,
      }),
    ),
  ];
  return (
    <div className={styles.scroll}>
      <DataTable
        label={t("nav.people")}
        testId="people-table"
        columns={shown}
        rows={rows}
        rowKey={(row) => row.id}
        error={error}
        onRetry={onRetry}
        empty={empty}
      />
    </div>
  );
}

const ENDS = new Set(["orders", "revenue", "last_seen", "first_seen"]);

function useCells(): (column: string, row: ListRow) => ReactNode {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const words = useAttributeWords();
  const own: Record<string, (row: ListRow) => ReactNode> = {
    class: (row) => row.rfm_class && <RfmClassTag name={row.rfm_class} />,
    reachable: (row) =>
      row.reachable === null ? null : (
        <Tag tone={row.reachable ? "jade" : "plain"}>
          {t(row.reachable ? "people.reachable" : "people.unreachable")}
        </Tag>
      ),
    orders: (row) => (row.orders === null ? null : format.count(row.orders)),
    revenue: (row) => (row.revenue === null ? null : format.money(row.revenue, row.currency)),
    last_seen: (row) => row.last_seen_at && ago(row.last_seen_at),
    first_seen: (row) => row.first_seen_at && ago(row.first_seen_at),
    tags: (row) =>
      row.tags?.length ? (
        <span className={styles.tags}>
          {row.tags.map((tag) => (
            <Tag key={tag.id} tone={toneOf(tag.color)}>
              {tag.name}
            </Tag>
          ))}
        </span>
      ) : null,
  };
  return (column, row) => {
    if (column.startsWith(ATTRIBUTE)) {
      const key = column.slice(ATTRIBUTE.length);
      const found = row.attributes?.find((one) => one.key === key);
      return found && words.value(key, found.value);
    }
    if (column.startsWith(IDENTITY)) {
      const namespace = column.slice(IDENTITY.length);
      const found = row.identities?.filter((one) => one.namespace === namespace) ?? [];
      return found.length > 0 ? found.map((one) => one.value_masked).join("、") : null;
    }
    return own[column]?.(row) ?? null;
  };
}
