import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";
import { isMessageState, STATE_TONES } from "./words";

export function StateTag({ state }: { state: string }) {
  const { t } = useI18n();
  return isMessageState(state) ? (
    <Tag tone={STATE_TONES[state]}>{t(`state.${state}`)}</Tag>
  ) : (
    <Tag>{state}</Tag>
  );
}
