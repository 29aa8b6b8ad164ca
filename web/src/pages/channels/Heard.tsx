import type { ChannelAccount } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";

/** Whether the platform has ever called us: the one sign that the connection works both ways. */
export function Heard({ account }: { account: Pick<ChannelAccount, "last_callback_at"> }) {
  const { t } = useI18n();
  const ago = useAgo();
  const at = account.last_callback_at;
  return (
    <Tag tone={at ? "jade" : "amber"}>
      {at ? t("channels.heard", { ago: ago(at) }) : t("channels.silent")}
    </Tag>
  );
}
