import { useEffect, useRef } from "react";
import { useI18n } from "../i18n";
import styles from "./LoadMore.module.css";

interface Pager {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError?: boolean;
  fetchNextPage: () => unknown;
}

/** The next page comes when its end is near the screen; the button is for keyboards, and after an error. */
export function LoadMore({ pager }: { pager: Pager }) {
  const { t } = useI18n();
  const mark = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pager;

  useEffect(() => {
    const element = mark.current;
    if (!element || isFetchingNextPage || isFetchNextPageError) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) fetchNextPage();
      },
      { rootMargin: "300px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (!hasNextPage) return null;
  return (
    <div ref={mark} className={styles.more}>
      <button type="button" onClick={() => fetchNextPage()} disabled={isFetchingNextPage}>
        {isFetchingNextPage ? t("loading") : t("loadMore")}
      </button>
    </div>
  );
}
