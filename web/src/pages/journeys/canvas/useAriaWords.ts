import { useMemo } from "react";
import { useI18n } from "../../../i18n";

/** What a screen reader is told of the canvas. */
export function useAriaWords() {
  const { t } = useI18n();
  return useMemo(
    () => ({
      "node.a11yDescription.default": t("canvas.aria.node"),
      "node.a11yDescription.keyboardDisabled": t("canvas.aria.node"),
      "node.a11yDescription.ariaLiveMessage": ({ x, y }: { x: number; y: number }) =>
        t("canvas.aria.moved", { x: String(x), y: String(y) }),
      "edge.a11yDescription.default": t("canvas.aria.edge"),
      "controls.ariaLabel": t("canvas.aria.controls"),
      "controls.zoomIn.ariaLabel": t("canvas.zoomIn"),
      "controls.zoomOut.ariaLabel": t("canvas.zoomOut"),
      "controls.fitView.ariaLabel": t("canvas.fit"),
      "handle.ariaLabel": t("canvas.aria.handle"),
    }),
    [t],
  );
}
