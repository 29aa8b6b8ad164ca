import { useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { type Card, cardQuery, type Session } from "./api";
import { Messages, Timeline } from "./History";
import { NotesForm } from "./NotesForm";
import { day, Empty, Face, Failure, Section } from "./pieces";
import { TagMarks } from "./TagMarks";
import { t, wayWords } from "./words";

const TABS = ["notes", "attributes", "events", "orders", "messages"] as const;

interface Props {
  customer: string;
  session: Session;
  onBack: () => void;
}

/** One customer of the member's. */
export function CustomerCard({ customer, session, onBack }: Props) {
  const card = useQuery(cardQuery(customer));
  const [tab, setTab] = useState<(typeof TABS)[number]>("notes");
  const back = (
    <Button type="text" size="small" onClick={onBack}>
      ← {t("back")}
    </Button>
  );
  if (card.error) {
    return (
      <main>
        {back}
        <Failure error={card.error} onRetry={card.refetch} />
      </main>
    );
  }
  if (!card.data) return <Empty>{t("loading")}</Empty>;
  const isHeld = card.data.status === "active" || card.data.status === "half";
  return (
    <main>
      {back}
      <Who card={card.data} zone={session.time_zone} />
      <nav className="sb-tabs">
        {TABS.map((one) => (
          <button key={one} type="button" aria-current={one === tab} onClick={() => setTab(one)}>
            {t(one)}
          </button>
        ))}
      </nav>
      {tab === "notes" && isHeld && <NotesForm customer={customer} />}
      {tab === "notes" && isHeld && <TagMarks customer={customer} />}
      {tab === "attributes" && <Known card={card.data} />}
      {tab === "events" && <Timeline customer={customer} orders={false} zone={session.time_zone} />}
      {tab === "orders" && <Timeline customer={customer} orders zone={session.time_zone} />}
      {tab === "messages" && <Messages card={card.data} zone={session.time_zone} />}
    </main>
  );
}

function Who({ card, zone }: { card: Card; zone: string }) {
  return (
    <header className="sb-who" data-testid="customer">
      <Face name={card.name} avatar={card.avatar} />
      <div className="sb-grow">
        <h1>{card.name || t("nobody")}</h1>
        <p className="sb-muted">
          {card.ended_at
            ? t("ended", { date: day(card.ended_at, zone) })
            : t("since", { date: day(card.added_at, zone) })}
          {" · "}
          {wayWords(card.add_way)}
          {card.state && ` · ${card.state}`}
          {card.brought_by && ` · ${t("broughtBy")} ${card.brought_by}`}
        </p>
        {card.totals && card.totals.orders > 0 && <p>{t("bought", boughtOf(card.totals))}</p>}
        {card.colleagues.length > 0 && (
          <p className="sb-muted">
            {t("colleagues")}：{card.colleagues.map((one) => one.name).join("、")}
          </p>
        )}
      </div>
    </header>
  );
}

/** A currency browsers do not know is written as it is. */
function money(amount: string, currency: string) {
  try {
    const style = { style: "currency", currency } as const;
    return new Intl.NumberFormat(document.documentElement.lang || "zh-CN", style).format(Number(amount));
  } catch {
    return `${amount} ${currency}`;
  }
}

function boughtOf(totals: NonNullable<Card["totals"]>) {
  return { orders: totals.orders, revenue: money(totals.revenue, totals.currency) };
}

function Known({ card }: { card: Card }) {
  return (
    <>
      {card.segments.length > 0 && (
        <Section title={t("segments")}>
          {card.segments.map((one) => (
            <Tag key={one.name}>{one.name}</Tag>
          ))}
        </Section>
      )}
      <Section title={t("attributes")}>
        <dl className="sb-facts">
          {card.attributes.map((one) => (
            <div key={one.key}>
              <dt>{one.key}</dt>
              <dd>{String(one.value)}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </>
  );
}
