import { type MessageKey, useI18n } from "../../i18n";

/** The name of a form of content; a brand's own is called as the brand calls it. */
export function useFormName() {
  const { t, has } = useI18n();
  return (form: string) => {
    const key = `content_forms.form.${form}`;
    return has(key) ? t(key as MessageKey) : form;
  };
}
