import { QrcodeOutlined } from "@ant-design/icons";
import { codeImage } from "../../../api/channels";
import type { SourceCode } from "../../../api/types";
import { useI18n } from "../../../i18n";
import type { TabProps } from "../ChannelPage";
import styles from "./codes.module.css";

interface QrImageProps extends TabProps {
  code: SourceCode;
  size: number;
}

/** The picture as it is printed; a code without a ticket has none yet. */
export function QrImage({ account, code, size }: QrImageProps) {
  const { t } = useI18n();
  if (!code.url) {
    return (
      <span className={styles.noImage} style={{ width: size, height: size }}>
        <QrcodeOutlined aria-hidden />
      </span>
    );
  }
  return (
    <img
      className={styles.image}
      // The address names what the picture says, so that a new ticket is not hidden by an old picture.
      src={`${codeImage(account.id, code.id, "svg")}#${encodeURIComponent(code.url)}`}
      alt={t("codes.image", { name: code.name })}
      width={size}
      height={size}
      loading="lazy"
    />
  );
}
