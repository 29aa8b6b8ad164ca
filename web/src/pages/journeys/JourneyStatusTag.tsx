import { useI18n } from "../../i18n";
import { Tag, type Tone } from "../../ui/Tag";

const TONES: Record<string, Tone> = {
  draft: "plain",
  active: "jade",
  paused: "amber",
  stopped: "red",
};

export function JourneyStatusTag({ status }: { status: string }) {
  const { t, has } = useI18n();
  const key = `journeyStatus.${status}`;
  return <Tag tone={TONES[status] ?? "plain"}>{has(key) ? t(key) : status}</Tag>;
}
