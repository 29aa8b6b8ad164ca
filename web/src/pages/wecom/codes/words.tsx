import type { LiveCodeRow } from "../../../api/wecom/codes";
import { useI18n } from "../../../i18n";
import { Tag, type Tone } from "../../../ui/Tag";

const STATUS: Record<LiveCodeRow["status"], Tone> = {
  live: "jade",
  paused: "amber",
  ended: "plain",
  deleted: "plain",
};
const PUSH: Record<LiveCodeRow["push"], Tone> = {
  making: "blue",
  in_step: "jade",
  behind: "blue",
  failed: "red",
  withdrawn: "plain",
};

export function StatusTags({ row }: { row: LiveCodeRow }) {
  const { t } = useI18n();
  return (
    <>
      <Tag tone={STATUS[row.status]}>{t(`wecom.codes.status.${row.status}`)}</Tag>
      {row.status === "live" && row.tier !== "staff" && (
        <Tag tone="amber">{t(`wecom.codes.tier.${row.tier}`)}</Tag>
      )}
    </>
  );
}

export function PushTag({ push }: { push: LiveCodeRow["push"] }) {
  const { t } = useI18n();
  return <Tag tone={PUSH[push]}>{t(`wecom.codes.push.${push}`)}</Tag>;
}
