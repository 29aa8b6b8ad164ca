import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";
import { classTone, useClassName } from "./classes";

export function RfmClassTag({ name }: { name: string }) {
  const { t } = useI18n();
  const className = useClassName();
  return (
    <Tag tone={classTone(name)}>
      <span className="visually-hidden">{t("people.classIs")}</span>
      {className(name)}
    </Tag>
  );
}
