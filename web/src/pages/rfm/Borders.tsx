import type { RfmSummary } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Scroll } from "../../ui/Scroll";
import { useFormat } from "../../ui/useFormat";
import styles from "../studies/studies.module.css";

const SCORES = [5, 4, 3, 2, 1];
const FIGURES = ["recency_days", "frequency", "monetary"] as const;

/** What a score means in figures, now. */
export function Borders({ summary }: { summary: RfmSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const text = (figure: string, value: string) =>
    figure === "monetary" ? format.money(value, summary.currency) : format.count(Number(value));
  const range = (figure: string, score: number) => {
    const found = summary.borders.find((one) => one.figure === figure && one.score === score);
    if (!found) return <span className="muted">–</span>;
    const [least, greatest] = [text(figure, found.least), text(figure, found.greatest)];
    return (
      <>
        {least === greatest ? least : `${least} – ${greatest}`}{" "}
        <small className="muted">
          {t("people.total", { count: format.count(found.people), n: found.people })}
        </small>
      </>
    );
  };
  return (
    <Panel title={t("rfm.borders")} extra={t("rfm.borders.hint")} flush testId="rfm-borders">
      <Scroll label={t("rfm.borders")}>
        <table className={styles.facts}>
          <thead>
            <tr>
              <th scope="col">{t("rfm.score")}</th>
              {FIGURES.map((figure) => (
                <th key={figure} scope="col">
                  {t(`rfm.border.${figure}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SCORES.map((score) => (
              <tr key={score}>
                <th scope="row">{score}</th>
                {FIGURES.map((figure) => (
                  <td key={figure} className="num">
                    {range(figure, score)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
