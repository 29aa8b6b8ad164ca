import { ApiError } from "./client";

/** Ask for a file and hand it to the browser; what is refused is told as an error. */
export async function download(path: string, name: string, method: "GET" | "POST" = "POST"): Promise<void> {
  const answer = await fetch(path, { method, credentials: "same-origin" });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as object;
    throw new ApiError({ status: answer.status, ...problem });
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
