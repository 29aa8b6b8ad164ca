import { useI18n } from "../i18n";
import styles from "./ui.module.css";

export function Bone({ width = "100%", height = 14 }: { width?: number | string; height?: number }) {
  return <span className={styles.bone} style={{ width, height }} />;
}

export function PageSkeleton() {
  const { t } = useI18n();
  return (
    <div className={styles.page} aria-busy="true">
      <span className="visually-hidden">{t("loading")}</span>
      <Bone width={160} height={28} />
      <PanelSkeleton />
      <PanelSkeleton />
    </div>
  );
}

export function PanelSkeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div className={styles.panel} aria-busy="true">
      <div className={styles.boneRows}>
        {Array.from({ length: rows }, (_, row) => `${86 - ((row * 17) % 40)}%`).map((width, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bones never move.
          <Bone key={row} width={width} />
        ))}
      </div>
    </div>
  );
}
