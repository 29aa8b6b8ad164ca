import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Overview } from "../../api/types";
import { useSession } from "../../app/session";
import { useI18n } from "../../i18n";
import { Sparkline } from "../../ui/Sparkline";
import { useFormat } from "../../ui/useFormat";
import styles from "./overview.module.css";
import { wholeMinutes } from "./series";
import { useBehind } from "./useBehind";

interface FigureProps {
  label: string;
  value: string;
  note: ReactNode;
  to?: string;
  spark?: ReactNode;
  testId: string;
}

function Figure({ label, value, note, to, spark, testId }: FigureProps) {
  const body = (
    <>
      <span className={styles.figureLabel}>{label}</span>
      <span className={styles.figureRow}>
        <strong className={`${styles.figureValue} num`} data-testid={testId}>
          {value}
        </strong>
        {spark && <span className={styles.figureSpark}>{spark}</span>}
      </span>
      <span className={`${styles.figureNote} num`}>{note}</span>
    </>
  );
  return to ? (
    <Link to={to} className={styles.figure}>
      {body}
    </Link>
  ) : (
    <div className={styles.figure}>{body}</div>
  );
}

export function Figures({ overview }: { overview: Overview }) {
  const { t } = useI18n();
  const format = useFormat();
  const { session } = useSession();
  const behind = useBehind(overview);
  const { people, events, revenue } = overview;
  const perMinute = wholeMinutes(overview, session.clock_rate).map((minute) => minute.count);
  const lastMinute = perMinute.at(-1);
  const others = revenue.others.map((one) => one.currency).join(" / ");
  return (
    <section className={styles.figures} aria-label={t("overview.figures")}>
      <Figure
        testId="figure-people"
        label={t("overview.people")}
        value={format.compact(people.total)}
        note={t("overview.people.new", { count: format.count(people.new_24h) })}
        to="/people"
      />
      <Figure
        testId="figure-followers"
        label={t("overview.followers")}
        value={format.compact(people.followers)}
        note={t("overview.followers.share", { share: format.share(people.followers, people.total) })}
        to="/channels"
      />
      <Figure
        testId="figure-events"
        label={t("overview.eventsPerMinute")}
        value={behind || lastMinute === undefined ? "–" : format.compact(lastMinute)}
        note={
          behind ? (
            <span className={styles.figureBehind}>{behind}</span>
          ) : (
            t("overview.events.total", { count: format.compact(events.total) })
          )
        }
        spark={<Sparkline values={perMinute} />}
      />
      <Figure
        testId="figure-revenue"
        label={t("overview.revenue24h")}
        value={format.moneyShort(revenue.last_24h, revenue.currency)}
        note={[
          t("overview.revenue30d", { amount: format.moneyShort(revenue.last_30d, revenue.currency) }),
          ...(others ? [t("overview.revenueAlso", { currencies: others })] : []),
        ].join(" · ")}
        spark={<Sparkline values={revenue.by_day.map((day) => Number(day.revenue))} color="var(--amber)" />}
      />
    </section>
  );
}
