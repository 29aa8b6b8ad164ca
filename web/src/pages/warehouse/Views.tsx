import { Collapse } from "antd";
import type { WarehouseView } from "../../api/warehouse";
import { useI18n } from "../../i18n";
import styles from "./warehouse.module.css";

/** What there is to ask: every view with its columns. */
export function Views({ views }: { views: readonly WarehouseView[] }) {
  const { locale } = useI18n();
  const words = (one: { description: string; description_zh: string }) =>
    locale === "zh" ? one.description_zh : one.description;
  const items = views.map((view) => ({
    key: view.name,
    label: <span className="mono">{view.name}</span>,
    children: (
      <>
        <p className="muted">{words(view)}</p>
        <dl className={styles.columns}>
          {view.columns.map((column) => (
            <div key={column.name}>
              <dt className="mono" title={column.type}>
                {column.name}
              </dt>
              <dd>{words(column)}</dd>
            </div>
          ))}
        </dl>
      </>
    ),
  }));
  return <Collapse ghost accordion items={items} />;
}
