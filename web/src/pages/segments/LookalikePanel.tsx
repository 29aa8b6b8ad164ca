import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm, Progress } from "antd";
import { Link } from "react-router";
import {
  acceptLookalikes,
  findLookalikes,
  isSearching,
  type LookalikeCard,
  type LookalikeList,
  lookalikeQuery,
  stopLookalikes,
} from "../../api/lookalike";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { LookalikeButton } from "./LookalikeForm";
import { LookalikeReasons } from "./LookalikeReasons";
import styles from "./lookalike.module.css";

const DOUBTFUL: readonly string[] = ["seed_small", "nothing_separates"];

/** How far the search for a list is, how good what it found is, and the yes that puts people on the list. */
export function LookalikePanel({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(lookalikeQuery(id));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <Bone height={160} />;
  return (
    <div className={styles.panel} data-testid="lookalike">
      <Standing id={id} found={data} />
      {data.lookalike.card && <Card card={data.lookalike.card} />}
    </div>
  );
}

function Standing({ id, found }: { id: string; found: LookalikeList }) {
  const { t, has } = useI18n();
  const queries = useQueryClient();
  const { lookalike } = found;
  const keep = (now: LookalikeList) => {
    queries.setQueryData(lookalikeQuery(id).queryKey, now);
    for (const key of [["segments"], ["segment", id], ["segment-members", id]])
      queries.invalidateQueries({ queryKey: key });
  };
  const stop = useMutation({ mutationFn: () => stopLookalikes(id), onSuccess: keep });
  const step = `lookalike.step.${lookalike.step}`;
  return (
    <>
      <div className={styles.line}>
        <p role="status">
          {t(`lookalike.state.${lookalike.state}`)}
          {" · "}
          {lookalike.seed_name ? (
            <Link to={`/segments/${lookalike.search.seed}`}>
              {t("lookalike.of", { name: lookalike.seed_name })}
            </Link>
          ) : (
            t("lookalike.seedGone")
          )}
        </p>
        <span className={styles.actions}>
          {isSearching(found) ? (
            <Button loading={stop.isPending} onClick={() => stop.mutate()}>
              {t("lookalike.stop")}
            </Button>
          ) : (
            <LookalikeButton
              label={t("lookalike.again")}
              search={lookalike.search}
              send={(search) => findLookalikes(id, search)}
              onDone={keep}
            />
          )}
          {lookalike.state === "proposed" && <Use id={id} found={found} onDone={keep} />}
        </span>
      </div>
      {stop.error && <ErrorNotice error={stop.error} />}
      {isSearching(found) && (
        <div>
          <span className="soft">{has(step) ? t(step) : lookalike.step}</span>
          <Progress percent={Math.round(lookalike.share * 100)} size="small" aria-label={t("progress")} />
        </div>
      )}
      {lookalike.error && <Alert type="error" showIcon title={lookalike.error} />}
    </>
  );
}

function Use({
  id,
  found,
  onDone,
}: {
  id: string;
  found: LookalikeList;
  onDone: (now: LookalikeList) => void;
}) {
  const { t } = useI18n();
  const format = useFormat();
  const card = found.lookalike.card;
  const doubtful = card?.warnings?.some((one) => DOUBTFUL.includes(one)) ?? false;
  const use = useMutation({ mutationFn: () => acceptLookalikes(id, doubtful), onSuccess: onDone });
  const count = card?.proposed ?? 0;
  return (
    <>
      {use.error && <ErrorNotice error={use.error} />}
      <Popconfirm
        title={t("lookalike.useConfirm", { count: format.count(count), n: count })}
        description={doubtful ? t("lookalike.useDoubtful") : undefined}
        onConfirm={() => use.mutate()}
        okText={t("lookalike.use")}
        okButtonProps={{ danger: doubtful }}
      >
        <Button type="primary" loading={use.isPending}>
          {t("lookalike.use")}
        </Button>
      </Popconfirm>
    </>
  );
}

function Card({ card }: { card: LookalikeCard }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      {card.refusal && (
        <Alert type="warning" showIcon title={t(`lookalike.refusal.${card.refusal}`, { n: card.seed })} />
      )}
      {card.warnings?.map((one) => (
        <Alert
          key={one}
          type={DOUBTFUL.includes(one) ? "warning" : "info"}
          showIcon
          title={t(`lookalike.warning.${one}`)}
        />
      ))}
      <dl className={styles.figures}>
        {(["seed", "candidates", "excluded", "proposed"] as const).map((key) => (
          <div key={key}>
            <dt>{t(`lookalike.figure.${key}`)}</dt>
            <dd className="num">{format.count(card[key] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      {card.quality && <Quality quality={card.quality} />}
      {card.reasons && card.reasons.length > 0 && <LookalikeReasons reasons={card.reasons} />}
    </>
  );
}

function Quality({ quality }: { quality: NonNullable<LookalikeCard["quality"]> }) {
  const { t } = useI18n();
  const format = useFormat();
  const { asked } = quality;
  const others = quality.depths.filter((one) => Math.abs(one.share - asked.share) > asked.share / 20);
  const rows = [...others, asked].toSorted((one, other) => one.share - other.share);
  return (
    <section>
      <h3>{t("lookalike.quality")}</h3>
      <p>
        {t("lookalike.qualityText", {
          count: format.count(quality.held_out),
          n: quality.held_out,
          share: format.share(asked.share, 1),
          found: format.share(asked.found, 1),
          lift: format.decimal(asked.lift, 1),
          low: format.decimal(quality.lift_low, 1),
          high: format.decimal(quality.lift_high, 1),
        })}
      </p>
      <ul className={styles.depths}>
        {rows.map((one) => (
          <li key={one.share} data-asked={one === asked}>
            <span>{t("lookalike.depth", { share: format.share(one.share, 1) })}</span>
            <span className={styles.bar} aria-hidden="true">
              <i style={{ width: `${100 * one.found}%` }} />
              <b style={{ left: `${100 * Math.min(1, one.share)}%` }} />
            </span>
            <span className="num">
              {t("lookalike.depthFound", {
                found: format.share(one.found, 1),
                lift: format.decimal(one.lift, 1),
              })}
            </span>
          </li>
        ))}
      </ul>
      <p className="soft">{t("lookalike.qualityHint")}</p>
    </section>
  );
}
