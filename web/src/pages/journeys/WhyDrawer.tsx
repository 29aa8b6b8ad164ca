import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { type ReactNode, useState } from "react";
import { type EntryEvent, type JourneyWhy, whyQuery } from "../../api/journeys";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { JsonView } from "../../ui/JsonView";
import { Bone } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useEventName } from "../../ui/useEventName";
import { MessageDrawer } from "../messages/MessageDrawer";
import { StateTag } from "../messages/StateTag";
import { useMessageReason } from "../messages/words";
import { PersonName } from "../people/PersonName";
import { PersonSearch } from "../people/PersonSearch";
import styles from "./journeys.module.css";
import { PassageTag } from "./PassageTag";
import { type PassageOf, StepsDrawer } from "./StepsDrawer";

const WIDTH = "min(520px, 100vw)";

interface WhyDrawerProps {
  journeyId: string;
  /** Whom it is about; empty while nobody is chosen. */
  person: string;
  onPerson: (id: string) => void;
  onClose: () => void;
}

/** From the last word to the first: messages, where somebody stood, and what could have let them in. */
export function WhyDrawer({ journeyId, person, onPerson, onClose }: WhyDrawerProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...whyQuery(journeyId, person), enabled: person !== "" });
  return (
    <Drawer open size={WIDTH} title={t("why.title")} onClose={onClose}>
      <PersonSearch onPick={onPerson} />
      {person === "" && <p className={styles.whyHint}>{t("why.hint")}</p>}
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {person !== "" && !error && !data && <Bone height={80} />}
      {data && <Answer why={data} />}
    </Drawer>
  );
}

function Answer({ why }: { why: JourneyWhy }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <div className={styles.why} data-testid="journey-why">
      <PersonName id={why.person_id} name={why.display_name} />
      <strong role="status">{t(`why.verdict.${why.verdict}`)}</strong>
      {why.since && <p className="muted">{t("why.since", { at: formatDateTime(why.since, zone) })}</p>}
      <Messages messages={why.messages} />
      <Passages why={why} />
      <Section title={t("why.events")} count={why.events.length}>
        {why.events.map((one) => (
          <Happened key={`${one.occurred_at}${one.received_at}`} event={one} />
        ))}
      </Section>
    </div>
  );
}

function Section({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}

function Messages({ messages }: { messages: JourneyWhy["messages"] }) {
  const { t } = useI18n();
  const zone = useZone();
  const reason = useMessageReason();
  const [shown, setShown] = useState<string | null>(null);
  return (
    <Section title={t("why.messages")} count={messages.length}>
      {messages.map((one) => (
        <li key={one.id}>
          <span>
            <StateTag state={one.state} /> <time>{formatDateTime(one.planned_at, zone)}</time>{" "}
            <Button type="link" size="small" onClick={() => setShown(one.id)}>
              {t("messages.why")}
            </Button>
          </span>
          {one.reason && <span className="muted">{reason(one)}</span>}
        </li>
      ))}
      <MessageDrawer id={shown} onClose={() => setShown(null)} />
    </Section>
  );
}

function Passages({ why }: { why: JourneyWhy }) {
  const { t } = useI18n();
  const zone = useZone();
  const [shown, setShown] = useState<PassageOf | null>(null);
  return (
    <Section title={t("why.passages")} count={why.passages.length}>
      {why.passages.map((one) => (
        <li key={one.id}>
          <span>
            <PassageTag passage={one} /> <time>{formatDateTime(one.entered_at, zone)}</time>{" "}
            <Button
              type="link"
              size="small"
              onClick={() => setShown({ person: why.person_id, passage: one.id })}
            >
              {t("steps.open")}
            </Button>
          </span>
          <span className="muted">{one.node_label || one.node}</span>
        </li>
      ))}
      <StepsDrawer of={shown} onClose={() => setShown(null)} />
    </Section>
  );
}

function Happened({ event }: { event: EntryEvent }) {
  const { t } = useI18n();
  const zone = useZone();
  const eventName = useEventName();
  return (
    <li>
      <span>
        {eventName(event.name)} <time>{formatDateTime(event.occurred_at, zone)}</time>
      </span>
      <Tag tone={event.verdict === "let_in" ? "jade" : "plain"}>{t(`why.event.${event.verdict}`)}</Tag>
      {Object.keys(event.properties).length > 0 && (
        <details>
          <summary>{t("why.properties")}</summary>
          <JsonView value={event.properties} />
        </details>
      )}
    </li>
  );
}
