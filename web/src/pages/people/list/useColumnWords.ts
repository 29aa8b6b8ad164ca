import { useI18n } from "../../../i18n";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { ATTRIBUTE, IDENTITY, OWN_COLUMNS } from "./listing";

/** What a column or an order is called. */
export function useColumnWords(): (column: string) => string {
  const { t, has } = useI18n();
  const words = useAttributeWords();
  return (column) => {
    if (column.startsWith(ATTRIBUTE)) return words.name(column.slice(ATTRIBUTE.length));
    if (column.startsWith(IDENTITY)) {
      const namespace = column.slice(IDENTITY.length);
      const key = `namespace.${namespace}`;
      return has(key) ? t(key) : namespace;
    }
    const own = OWN_COLUMNS.find((one) => one === column);
    return own ? t(`peopleList.column.${own}`) : t("peopleList.column.added");
  };
}
