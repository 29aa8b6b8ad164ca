import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import {
  type BoardDraft,
  type BoardFilters,
  boardQuery,
  changeBoard,
  dropBoard,
  type ShownBoard,
} from "../../api/dashboards";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { AddCard } from "./AddCard";
import { CardPanel } from "./CardPanel";
import { moved, readFilters } from "./cards";
import { DayNotes } from "./DayNotes";
import styles from "./dashboards.module.css";
import { FilterBar } from "./FilterBar";

/** One board: its filters, its cards, and the people behind every figure. */
export default function BoardPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const [text, setText] = useSearchState("show");
  const filters = readFilters(text);
  const { data, error, refetch } = useQuery(boardQuery(id, filters));
  if (data) {
    return (
      <Opened
        key={data.board.id}
        shown={data}
        onFilter={(next) => setText(JSON.stringify(next))}
        error={error}
      />
    );
  }
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.dashboards")} back={{ to: "/dashboards", label: t("nav.dashboards") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

interface OpenedProps {
  shown: ShownBoard;
  onFilter: (filters: BoardFilters) => void;
  error: Error | null;
}

function Opened({ shown, onFilter, error }: OpenedProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [edit, setEdit] = useSearchState("edit");
  const [behind, setBehind] = useState<Shown | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const { board } = shown;
  const cards = board.draft.cards ?? [];
  const settle = () => queries.invalidateQueries({ queryKey: ["boards"] });
  const change = useMutation({
    mutationFn: (part: Partial<BoardDraft>) => changeBoard(board, { ...board.draft, ...part }),
    onSettled: settle,
  });
  const drop = useMutation({
    mutationFn: () => dropBoard(board.id),
    onSuccess: async () => {
      await settle();
      navigate("/dashboards");
    },
  });
  const isEditing = edit !== "";
  const trouble = error ?? change.error ?? drop.error;
  return (
    <Page
      title={board.draft.name}
      back={{ to: "/dashboards", label: t("nav.dashboards") }}
      actions={
        <>
          <DayNotes />
          {isEditing && (
            <Popconfirm title={t("board.drop.sure")} onConfirm={() => drop.mutate()}>
              <Button loading={drop.isPending}>{t("board.drop")}</Button>
            </Popconfirm>
          )}
          <Button type={isEditing ? "primary" : "default"} onClick={() => setEdit(isEditing ? "" : "1")}>
            {t(isEditing ? "board.done" : "board.edit")}
          </Button>
        </>
      }
    >
      {trouble && <ErrorNotice error={trouble} />}
      <FilterBar filters={shown.filters} onChange={onFilter} />
      {isEditing && (
        <div className={styles.editing}>
          <Naming key={board.draft.name} name={board.draft.name} onName={(name) => change.mutate({ name })} />
          <AddCard onAdd={(card) => change.mutate({ cards: [...cards, card] })} />
          <Button onClick={() => change.mutate({ filters: shown.filters })}>{t("board.keepFilters")}</Button>
        </div>
      )}
      {cards.length === 0 && (
        <EmptyState title={t("board.empty")}>
          {t(isEditing ? "board.empty.editing" : "board.empty.text")}
        </EmptyState>
      )}
      <div className={styles.board} data-testid="board">
        {shown.cards.map((one, index) => (
          <CardPanel
            key={one.card.id}
            shown={one}
            onShow={setBehind}
            editing={
              isEditing
                ? {
                    isFirst: index === 0,
                    isLast: index === cards.length - 1,
                    onMove: (by) => change.mutate({ cards: moved(cards, index, index + by) }),
                    onChange: (card) => change.mutate({ cards: cards.with(index, card) }),
                    onRemove: () => change.mutate({ cards: cards.toSpliced(index, 1) }),
                    onGrab: () => setDragged(index),
                    onDrop: () => {
                      if (dragged !== null && dragged !== index) {
                        change.mutate({ cards: moved(cards, dragged, index) });
                      }
                      setDragged(null);
                    },
                  }
                : null
            }
          />
        ))}
      </div>
      <FigureDrawer shown={behind} onClose={() => setBehind(null)} />
    </Page>
  );
}

function Naming({ name, onName }: { name: string; onName: (name: string) => void }) {
  const { t } = useI18n();
  const [draft, setDraft] = useState(name);
  const keep = () => {
    if (draft.trim() !== "" && draft.trim() !== name) onName(draft.trim());
  };
  return (
    <Input
      value={draft}
      maxLength={80}
      aria-label={t("board.name")}
      style={{ width: 220 }}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={keep}
      onPressEnter={keep}
    />
  );
}
