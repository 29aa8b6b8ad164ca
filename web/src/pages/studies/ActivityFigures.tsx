import type { PersonFigure } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { useFormName } from "../content_forms/words";
import { Figure, Line } from "./Figure";
import styles from "./studies.module.css";

/** How much somebody does of late, and with what. */
export function EngagementFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const eventName = useEventName();
  const detail = figure.detail as {
    score: number;
    level: string;
    last_on: string;
    events: { name: string; points: number }[];
  };
  const level = t(`engagement.level.${detail.level}` as MessageKey);
  return (
    <Figure kind="engagement" figure={figure} tag={`${level} ${detail.score}`}>
      <dl className={styles.lines}>
        <Line label={t("engagement.lastOn")} value={detail.last_on} />
        {detail.events.map((one) => (
          <Line
            key={one.name}
            label={eventName(one.name)}
            value={t("engagement.worth", { points: format.decimal(one.points, 1) })}
          />
        ))}
      </dl>
    </Figure>
  );
}

/** Which form of content somebody turns to. */
export function ContentFormFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useFormName();
  const detail = figure.detail as { forms: { form: string; views: number; share: number }[] };
  return (
    <Figure kind="content_forms" figure={figure} tag={name(figure.label)}>
      <dl className={styles.lines}>
        {detail.forms.map((one) => (
          <Line
            key={one.form}
            label={name(one.form)}
            value={`${format.share(one.share, 1)} · ${t("content_forms.times", {
              count: format.count(one.views),
              n: one.views,
            })}`}
          />
        ))}
        <Line label={t("rhythm.own")} value={format.share(figure.score ?? 0, 1)} />
      </dl>
    </Figure>
  );
}
