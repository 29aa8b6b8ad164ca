import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { addBoard, type BoardRow, boardsQuery } from "../../api/dashboards";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";

/** Every board; those for boss, operator and staff are there from the start. */
export default function DashboardsPage() {
  const { t } = useI18n();
  const ago = useAgo();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(boardsQuery);
  const add = useMutation({
    mutationFn: () => addBoard({ name: t("board.newName") }),
    onSuccess: async (board) => {
      await queries.invalidateQueries({ queryKey: ["boards"] });
      navigate(`/dashboards/${board.id}?edit=1`);
    },
  });
  const create = (
    <Button type="primary" loading={add.isPending} onClick={() => add.mutate()}>
      {t("board.create")}
    </Button>
  );
  const columns: Column<BoardRow>[] = [
    {
      key: "name",
      title: t("board.name"),
      lead: true,
      render: (one) => <Link to={`/dashboards/${one.id}`}>{one.name}</Link>,
    },
    {
      key: "role",
      title: t("board.role"),
      render: (one) => (one.role ? t(`board.role.${one.role}`) : <span className="muted">–</span>),
    },
    { key: "cards", title: t("board.cards"), align: "end", render: (one) => one.cards },
    {
      key: "changed",
      title: t("board.changed"),
      align: "end",
      render: (one) => [one.changed_by, ago(one.changed_at)].filter(Boolean).join(" · "),
    },
  ];
  return (
    <Page title={t("nav.dashboards")} lead={t("board.lead")} actions={create}>
      {add.error && <ErrorNotice error={add.error} />}
      <Panel flush>
        <DataTable
          label={t("nav.dashboards")}
          testId="boards-table"
          columns={columns}
          rows={data?.items}
          rowKey={(one) => one.id}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("board.none")} action={create} />}
        />
      </Panel>
    </Page>
  );
}
