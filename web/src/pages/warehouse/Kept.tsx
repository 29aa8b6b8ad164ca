import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { dropQuery, type SavedQuery, savedQueriesQuery } from "../../api/warehouse";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./warehouse.module.css";

interface Props {
  open: string | null;
  onOpen: (query: SavedQuery) => void;
  onDropped: (id: string) => void;
}

/** Questions that were kept, by name. */
export function Kept({ open, onOpen, onDropped }: Props) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(savedQueriesQuery);
  const drop = useMutation({
    mutationFn: dropQuery,
    onSuccess: (_, id) => {
      onDropped(id);
      return queries.invalidateQueries({ queryKey: savedQueriesQuery.queryKey });
    },
  });
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (data?.items.length === 0) return <p className="muted">{t("warehouse.kept.empty")}</p>;
  return (
    <ul className={styles.kept} data-testid="kept-queries">
      {data?.items.map((query) => (
        <li key={query.id} aria-current={query.id === open || undefined}>
          <button type="button" onClick={() => onOpen(query)} title={query.sql}>
            {query.name}
            <small>{query.saved_by}</small>
          </button>
          <Popconfirm
            title={t("warehouse.kept.drop", { name: query.name })}
            onConfirm={() => drop.mutateAsync(query.id)}
          >
            <Button type="text" size="small" aria-label={t("warehouse.kept.dropLabel", { name: query.name })}>
              ×
            </Button>
          </Popconfirm>
        </li>
      ))}
    </ul>
  );
}
