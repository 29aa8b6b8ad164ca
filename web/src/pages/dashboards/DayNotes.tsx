import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { annotate, annotationsQuery, dropAnnotation } from "../../api/dashboards";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./dashboards.module.css";

/** What explains the figures of a day: seen on every chart by day, week or month. */
export function DayNotes() {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("board.notes")}</Button>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("board.notes")} destroyOnHidden>
        <Notes />
      </Drawer>
    </>
  );
}

function Notes() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(annotationsQuery);
  const [day, setDay] = useState("");
  const [text, setText] = useState("");
  const settle = () => queries.invalidateQueries({ queryKey: ["annotations"] });
  const add = useMutation({
    mutationFn: () => annotate(day, text.trim()),
    onSuccess: async () => {
      setText("");
      await settle();
    },
  });
  const drop = useMutation({ mutationFn: dropAnnotation, onSuccess: settle });
  const trouble = add.error ?? drop.error;
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  return (
    <div className={styles.noteForm}>
      <Input
        type="date"
        value={day}
        aria-label={t("board.notes.day")}
        onChange={(event) => setDay(event.target.value)}
      />
      <Input
        value={text}
        maxLength={200}
        aria-label={t("board.noteText")}
        placeholder={t("board.notes.text")}
        onChange={(event) => setText(event.target.value)}
      />
      <Button
        type="primary"
        disabled={day === "" || text.trim() === ""}
        loading={add.isPending}
        onClick={() => add.mutate()}
      >
        {t("board.notes.add")}
      </Button>
      {trouble && <ErrorNotice error={trouble} />}
      {data?.items.length === 0 && <EmptyState title={t("board.notes.none")} />}
      <ul className={styles.notes} data-testid="day-notes">
        {data?.items.map((one) => (
          <li key={one.id}>
            <strong className="num">{one.day}</strong>
            <span>{one.text}</span>
            <Button size="small" type="text" onClick={() => drop.mutate(one.id)}>
              {t("segment.remove")}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
