import { useQuery } from "@tanstack/react-query";
import { type Session, tasksQuery } from "./api";
import { Empty, Failure, moment } from "./pieces";
import { t } from "./words";

export function Tasks({ session }: { session: Session }) {
  const tasks = useQuery(tasksQuery);
  if (tasks.error) return <Failure error={tasks.error} onRetry={tasks.refetch} />;
  if (!tasks.data) return <Empty>{t("loading")}</Empty>;
  if (tasks.data.items.length === 0) return <Empty>{t("none.tasks")}</Empty>;
  return (
    <ul className="sb-list">
      {tasks.data.items.map((task) => (
        <li key={task.customer} className="sb-row">
          <span className="sb-grow">
            <strong>{task.name || t("nobody")}</strong>
            <small className="sb-muted">
              {t("coming", { from: task.from_name, date: moment(task.due_at, session.time_zone) })}
            </small>
          </span>
        </li>
      ))}
    </ul>
  );
}
