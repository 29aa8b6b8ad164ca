/** A field for files: each is sent as soon as it is chosen, the answer then names it. */

import { el } from "./dom";
import type { Field, Setting } from "./fields";
import { say } from "./words";

interface SentFile {
  id: string;
  name: string;
}

let underWay = 0;

/** Whether files are still on their way: the answer waits for them. */
export const isSendingFiles = () => underWay > 0;

const sentOf = (value: unknown, word: string): SentFile[] =>
  (Array.isArray(value) ? value : []).map((one, at) =>
    typeof one === "string" ? { id: one, name: `${word} ${at + 1}` } : (one as SentFile),
  );

export function filesField({ question, value, id, language, change }: Setting): Field {
  const isImage = question.kind === "image";
  const most = question.max_files ?? 1;
  const mb = question.max_mb ?? 5;
  let sent = sentOf(value, say(language, isImage ? "addImage" : "addFile"));
  const input = el("input", {
    type: "file",
    id,
    multiple: most > 1,
    accept: isImage ? "image/*" : "image/*,.pdf,.docx,.xlsx,.pptx",
    attrs: { "aria-describedby": `${id}-hint ${id}-error ${id}-status` },
  });
  const list = el("ul", { className: "files" });
  const count = el("p", { className: "hint quiet" });
  const status = el("p", { className: "quiet", id: `${id}-status`, attrs: { role: "status" } });

  function take(files: SentFile[]): void {
    sent = files;
    change([...sent]);
    draw();
  }

  function row(file: SentFile): HTMLElement {
    const remove = el("button", {
      type: "button",
      className: "plain",
      textContent: "×",
      attrs: { "aria-label": say(language, "removeFile", { name: file.name }) },
    });
    remove.addEventListener("click", () => {
      take(sent.filter((one) => one !== file));
      input.focus();
    });
    return el("li", {}, el("span", {}, file.name), remove);
  }

  function draw(): void {
    list.replaceChildren(...sent.map(row));
    input.disabled = sent.length >= most;
    count.textContent = say(language, "filesOf", { n: sent.length, most, mb });
  }

  async function send(file: File): Promise<void> {
    const name = file.name || say(language, "addFile");
    if (file.size > mb * 1024 * 1024) {
      status.textContent = say(language, "fileLarge", { name, mb });
      return;
    }
    status.textContent = say(language, "uploading", { name });
    underWay += 1;
    try {
      const answer = await post(question.key, file, name);
      if (answer.ok) {
        const { id: fileId, name: shown } = (await answer.json()) as SentFile;
        take([...sent, { id: fileId, name: shown }]);
        status.textContent = say(language, "uploaded", { name });
        return;
      }
      const refusal = (await answer.json().catch(() => ({}))) as { detail?: string; detail_zh?: string };
      const why = language === "zh" ? refusal.detail_zh : refusal.detail;
      status.textContent = why ? `${name}: ${why}` : say(language, "fileFailed", { name });
    } catch {
      status.textContent = say(language, "fileFailed", { name });
    } finally {
      underWay -= 1;
    }
  }

  input.addEventListener("change", () => {
    const chosen = [...(input.files ?? [])].slice(0, Math.max(0, most - sent.length));
    input.value = "";
    void chosen.reduce((before, file) => before.then(() => send(file)), Promise.resolve());
  });
  draw();
  return { element: el("div", {}, count, list, input, status), focus: () => input.focus() };
}

function post(question: string, file: File, name: string): Promise<Response> {
  const form = location.pathname.split("/").slice(0, 3).join("/");
  const query = new URLSearchParams({ q: question, name: name.slice(-120) });
  return fetch(`${form}/files?${query}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });
}
