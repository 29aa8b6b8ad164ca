import type { RfmSummary } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Dot } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { classTone, useClassName } from "./classes";
import styles from "./rfm.module.css";

interface ClassTableProps {
  summary: RfmSummary;
  chosen: string;
  onChoose: (name: string) => void;
}

export function ClassTable({ summary, chosen, onChoose }: ClassTableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const className = useClassName();
  const most = Math.max(1, ...summary.classes.map((each) => Number(each.revenue)));
  return (
    <Panel title={t("rfm.classes")} extra={t("rfm.classes.hint")} flush testId="rfm-classes">
      <table className={styles.classes}>
        <thead>
          <tr>
            <th scope="col">{t("people.class")}</th>
            <th scope="col">{t("rfm.people")}</th>
            <th scope="col">{t("rfm.revenue")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("rfm.share")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {summary.classes.map((each) => (
            <tr key={each.class} aria-selected={chosen === each.class}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={chosen === each.class}
                  onClick={() => onChoose(chosen === each.class ? "" : each.class)}
                >
                  <Dot tone={classTone(each.class)} /> {className(each.class)}
                </button>
              </th>
              <td className="num">
                {format.count(each.people)} <small>{format.share(each.people, summary.people)}</small>
              </td>
              <td className="num">{format.moneyShort(each.revenue, summary.currency)}</td>
              <td className={styles.bar} aria-hidden="true">
                <span style={{ width: `${Math.max(0, Number(each.revenue) / most) * 100}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
