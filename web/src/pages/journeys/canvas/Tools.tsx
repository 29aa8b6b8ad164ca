import {
  ApartmentOutlined,
  CopyOutlined,
  DeleteOutlined,
  RedoOutlined,
  SnippetsOutlined,
  UndoOutlined,
} from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import type { ReactNode } from "react";
import { type MessageKey, useI18n } from "../../../i18n";
import styles from "./canvas.module.css";
import type { Undoable } from "./useHistory";

interface ToolsProps {
  history: Omit<Undoable<unknown>, "present" | "put">;
  canCopy: boolean;
  canRemove: boolean;
  canArrange: boolean;
  onCopy: () => void;
  onPaste: () => void;
  onRemove: () => void;
  onArrange: () => void;
}

export function Tools({ history, canCopy, canRemove, canArrange, ...on }: ToolsProps) {
  const { t } = useI18n();
  return (
    <div className={styles.tools} role="toolbar" aria-label={t("canvas.tools")}>
      <Tool name="canvas.undo" icon={<UndoOutlined />} enabled={history.canUndo} onClick={history.undo} />
      <Tool name="canvas.redo" icon={<RedoOutlined />} enabled={history.canRedo} onClick={history.redo} />
      <Tool name="canvas.copy" icon={<CopyOutlined />} enabled={canCopy} onClick={on.onCopy} />
      <Tool name="canvas.paste" icon={<SnippetsOutlined />} enabled onClick={on.onPaste} />
      <Tool name="canvas.remove" icon={<DeleteOutlined />} enabled={canRemove} onClick={on.onRemove} />
      <Tool name="canvas.arrange" icon={<ApartmentOutlined />} enabled={canArrange} onClick={on.onArrange} />
    </div>
  );
}

interface ToolProps {
  name: MessageKey;
  icon: ReactNode;
  enabled: boolean;
  onClick: () => void;
}

function Tool({ name, icon, enabled, onClick }: ToolProps) {
  const { t } = useI18n();
  return (
    <Tooltip title={t(name)}>
      <Button
        size="small"
        type="text"
        icon={icon}
        aria-label={t(name)}
        disabled={!enabled}
        onClick={onClick}
      />
    </Tooltip>
  );
}
