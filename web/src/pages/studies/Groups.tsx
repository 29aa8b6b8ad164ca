import type { ReactNode } from "react";
import type { Study } from "../../api/studies";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import type { Shown } from "../behaviour/FigureDrawer";
import styles from "./studies.module.css";

type Show = (shown: Shown) => void;

interface GroupsProps {
  path: string;
  summary: Study;
  /** Labels in the order shown; those without people are shown too. */
  labels: readonly string[];
  name: (label: string) => string;
  about?: (label: string) => ReactNode;
  onShow: Show;
}

/** People by group; a figure opens its people. */
export function Groups({ path, summary, labels, name, about, onShow }: GroupsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const byLabel = new Map(summary.groups.map((group) => [group.label, group]));
  const most = Math.max(1, ...summary.groups.map((group) => group.people));
  return (
    <Panel title={t("study.groups")} extra={t("study.groups.hint")} flush testId="study-groups">
      <div className={styles.scroll}>
        <table className={styles.groups}>
          <thead>
            <tr>
              <th scope="col">{t("study.group")}</th>
              <th scope="col">{t("study.people")}</th>
              <th scope="col">{t("study.share")}</th>
              <th scope="col">{t("study.came")}</th>
              <th scope="col">{t("study.left")}</th>
            </tr>
          </thead>
          <tbody>
            {labels.map((label) => {
              const group = byLabel.get(label);
              const people = group?.people ?? 0;
              return (
                <tr key={label}>
                  <th scope="row">
                    <span>{name(label)}</span>
                    <span className={styles.bar} aria-hidden="true">
                      <span style={{ width: `${(people / most) * 100}%` }} />
                    </span>
                    {about?.(label)}
                  </th>
                  <td className="num">
                    <button
                      type="button"
                      aria-label={`${format.count(people)} · ${t("study.show", { name: name(label) })}`}
                      onClick={() => onShow({ title: name(label), figure: { of: path, body: { label } } })}
                    >
                      {format.count(people)}
                    </button>
                  </td>
                  <td className="num">{format.share(people, summary.people)}</td>
                  <td className="num">{group?.came ? `+${format.count(group.came)}` : "–"}</td>
                  <td className="num">{group?.left ? `−${format.count(group.left)}` : "–"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface MatrixProps {
  title: string;
  hint: string;
  labels: readonly string[];
  /** Where people came from; the same as `labels` unless said. */
  rows?: readonly string[];
  moves: readonly { before: string; label: string; people: number }[];
  name: (label: string) => string;
  /** Where rows are another thing than columns: how they, a cell and the corner are called. */
  rowName?: (label: string) => string;
  told?: (row: string, label: string) => string;
  corner?: string;
  figure: (before: string, label: string) => Shown["figure"];
  onShow: Show;
  testId?: string;
}

/** Who went from where (rows) to where (columns), or who is both; a cell opens its people. */
export function Matrix({
  title,
  hint,
  labels,
  rows = labels,
  moves,
  name,
  rowName = name,
  told,
  corner,
  figure,
  onShow,
  testId,
}: MatrixProps) {
  const { t } = useI18n();
  const format = useFormat();
  const found = new Map(moves.map((move) => [`${move.before}>${move.label}`, move.people]));
  const total = (before: string) =>
    moves.filter((move) => move.before === before).reduce((sum, move) => sum + move.people, 0);
  return (
    <Panel title={title} extra={hint} flush testId={testId}>
      <div className={styles.scroll}>
        <table className={styles.matrix} aria-label={title}>
          <thead>
            <tr>
              <th scope="col">{corner ?? t("study.fromTo")}</th>
              {labels.map((label) => (
                <th key={label} scope="col">
                  {name(label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((before) => (
              <tr key={before}>
                <th scope="row">{rowName(before)}</th>
                {labels.map((label) => {
                  const people = found.get(`${before}>${label}`) ?? 0;
                  const share = people / Math.max(1, total(before));
                  const heat = { "--heat": `${Math.round(share * 60)}%` } as React.CSSProperties;
                  return (
                    <td key={label} style={people > 0 ? heat : undefined} className="num">
                      {people > 0 ? (
                        <button
                          type="button"
                          title={format.share(people, total(before))}
                          onClick={() =>
                            onShow({
                              title:
                                told?.(before, label) ??
                                t("study.move", { from: name(before), to: name(label) }),
                              figure: figure(before, label),
                            })
                          }
                        >
                          {format.count(people)}
                        </button>
                      ) : (
                        <span className="muted">·</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
