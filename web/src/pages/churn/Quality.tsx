import type { ChurnCard } from "../../api/studies";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Scroll } from "../../ui/Scroll";
import { useFormat } from "../../ui/useFormat";
import styles from "../studies/studies.module.css";
import { useChurnWord } from "./words";

type QualityOf = NonNullable<ChurnCard["quality"]>;

/** How it did on a time no model had seen. */
export function Quality({ quality }: { quality: QualityOf }) {
  return (
    <>
      <div className={styles.two}>
        <Models quality={quality} />
        <Telling quality={quality} />
      </div>
      <Bins quality={quality} />
    </>
  );
}

function Models({ quality }: { quality: QualityOf }) {
  const { t } = useI18n();
  const format = useFormat();
  const word = useChurnWord();
  const lines: [string, string][] = [
    [t("churn.baseRate"), format.share(quality.base_rate, 1)],
    [
      t("churn.logLoss"),
      t("churn.against", { value: quality.log_loss.toFixed(3), base: quality.base_log_loss.toFixed(3) }),
    ],
    [t("churn.brier"), quality.brier.toFixed(3)],
    [t("churn.calibration"), format.share(quality.calibration_error, 1)],
  ];
  return (
    <Panel title={t("churn.quality")} extra={t("churn.quality.hint")} testId="churn-quality">
      <table className={styles.facts}>
        <thead>
          <tr>
            <th scope="col">{t("churn.model")}</th>
            <th scope="col">AUC</th>
          </tr>
        </thead>
        <tbody>
          {quality.models.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                {one.name === quality.chosen ? (
                  <strong>{word("model", one.name)} ✓</strong>
                ) : (
                  word("model", one.name)
                )}
              </th>
              <td className="num">{one.auc.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className={styles.lines}>
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Telling({ quality }: { quality: QualityOf }) {
  const { t } = useI18n();
  const word = useChurnWord();
  const most = Math.max(0.001, ...quality.telling.map((one) => one.auc_lost));
  return (
    <Panel title={t("churn.telling")} extra={t("churn.telling.hint")} flush testId="churn-telling">
      <table className={styles.facts}>
        <tbody>
          {quality.telling.slice(0, 8).map((one) => (
            <tr key={one.feature}>
              <th scope="row">
                {word("feature", one.feature)}
                <span className={styles.bar} aria-hidden="true">
                  <span style={{ width: `${Math.max(0, one.auc_lost / most) * 100}%` }} />
                </span>
              </th>
              <td className={styles.sentence}>{t(one.raises ? "churn.raises" : "churn.lowers")}</td>
              <td className="num">{one.auc_lost.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Bins({ quality }: { quality: QualityOf }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Panel title={t("churn.bins")} extra={t("churn.bins.hint")} flush testId="churn-bins">
      <Scroll label={t("churn.bins")}>
        <table className={styles.facts}>
          <thead>
            <tr>
              <th scope="col">{t("churn.tenth")}</th>
              <th scope="col">{t("study.people")}</th>
              <th scope="col">{t("churn.foretold")}</th>
              <th scope="col">{t("churn.real")}</th>
              <th scope="col">{t("churn.lift")}</th>
            </tr>
          </thead>
          <tbody>
            {quality.bins.map((one, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: tenths are told apart by their place alone
              <tr key={place}>
                <th scope="row">{place + 1}</th>
                <td className="num">{format.count(one.people)}</td>
                <td className="num">{format.share(one.foretold, 1)}</td>
                <td className="num">{format.share(one.left, 1)}</td>
                <td className="num">{`${one.lift.toFixed(2)}×`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
