import { useQuery } from "@tanstack/react-query";
import { type ConsentCoverage, coverageQuery } from "../../api/consent";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "./consent.module.css";

const STATES = ["granted", "withdrawn", "expired"] as const;

/** How many people stand how with a purpose, channel by channel, and which text they agreed to. */
export function Coverage({ purpose }: { purpose: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(coverageQuery(purpose));
  return (
    <section>
      <h3>
        {t("consent.coverage")}
        {data && ` · ${t("consent.people", { count: format.count(data.people) })}`}
      </h3>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone width="80%" />}
      {data && <Channels {...data} />}
      {data && <Versions versions={data.versions} />}
    </section>
  );
}

function Channels({ channels, people }: ConsentCoverage) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <ul className={styles.coverage}>
        {channels.map((one) => (
          <li key={one.channel}>
            <span>{t(`consent.channel.${one.channel}`)}</span>
            <span
              className={styles.bar}
              role="img"
              aria-label={[...STATES, "silent" as const]
                .map((state) => `${t(`consent.state.${state}`)} ${format.count(one[state])}`)
                .join("，")}
              title={[...STATES, "silent" as const]
                .map((state) => `${t(`consent.state.${state}`)} ${format.count(one[state])}`)
                .join(" · ")}
            >
              {STATES.map((state) => (
                <i
                  key={state}
                  className={styles[state]}
                  style={{ width: `${people ? (one[state] / people) * 100 : 0}%` }}
                />
              ))}
            </span>
            <span className="num">
              {t("consent.coverage.allowed")} {format.count(one.allowed)}{" "}
              <small className="muted">{format.share(one.allowed, people)}</small>
            </span>
          </li>
        ))}
      </ul>
      <p className={styles.legend}>
        {[...STATES, "silent" as const].map((state) => (
          <span key={state}>
            <i className={styles[state]} />
            {t(`consent.state.${state}`)}
          </span>
        ))}
      </p>
    </>
  );
}

function Versions({ versions }: Pick<ConsentCoverage, "versions">) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <p className="muted" style={{ marginTop: 10 }}>
      {versions.length === 0
        ? t("consent.agreeing.none")
        : `${t("consent.agreeing")}：${versions
            .map(
              ({ version, people }) =>
                `${version ? t("consent.version", { version }) : t("consent.noVersion")} ${t("consent.people", { count: format.count(people) })}`,
            )
            .join(" · ")}`}
    </p>
  );
}
