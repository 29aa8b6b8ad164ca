import { useQuery } from "@tanstack/react-query";
import { Drawer, Timeline } from "antd";
import { messageQuery } from "../../api/messageRules";
import type { MessageDecision } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { StateTag } from "./StateTag";
import { useReasonText } from "./words";

interface MessageDrawerProps {
  id: string | null;
  onClose: () => void;
}

/** Why a message went out, waits, or did not: every decision about it. */
export function MessageDrawer({ id, onClose }: MessageDrawerProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...messageQuery(id ?? ""), enabled: id !== null });
  return (
    <Drawer open={id !== null} onClose={onClose} title={t("messages.why")} size={420}>
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <>
          <p>
            <StateTag state={data.state} /> {data.body}
          </p>
          {data.decisions.length === 0 && <p className="muted">{t("messages.why.none")}</p>}
          <Timeline
            items={data.decisions.map((one) => ({
              key: one.at,
              color: { refused: "gray", held: "blue", reserved: "green" }[one.verdict],
              content: <Decision decision={one} />,
            }))}
          />
        </>
      )}
    </Drawer>
  );
}

function Decision({ decision }: { decision: MessageDecision }) {
  const { t } = useI18n();
  const zone = useZone();
  const why = useWhy();
  return (
    <div>
      <strong>{t(`decision.${decision.verdict}`)}</strong>{" "}
      <span className="muted num">{formatDateTime(decision.at, zone)}</span>
      {decision.why && <div>{why(decision.why)}</div>}
      {decision.detail && <div className="muted">{decision.detail}</div>}
      {decision.until && <div>{t("decision.until", { at: formatDateTime(decision.until, zone) })}</div>}
      {(decision.took?.length ?? 0) > 0 && (
        <div className="muted">
          {t("decision.took", { names: (decision.took ?? []).map(why).join("、") })}
        </div>
      )}
    </div>
  );
}

/** Words for what held a message or what it took: a rule by its key, a window, a credit, or a reason. */
export function useWhy(): (code: string) => string {
  const { t } = useI18n();
  const reasonText = useReasonText();
  return (code) => {
    const [kind, key = ""] = code.split(":");
    if (kind === "cap") return t("decision.cap", { key });
    if (kind === "only") return t("decision.only", { key });
    if (kind === "same") return t("decision.same");
    if (kind === "window") return t("decision.window");
    if (code === "credit") return t("decision.credit");
    if (code === "window_ended") return t("decision.windowEnded");
    return reasonText(code);
  };
}
