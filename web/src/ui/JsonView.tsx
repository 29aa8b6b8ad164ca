import styles from "./JsonView.module.css";

export function JsonView({ value }: { value: unknown }) {
  return <pre className={styles.json}>{JSON.stringify(value, null, 2)}</pre>;
}
