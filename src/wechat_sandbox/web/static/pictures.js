/** Pictures from this computer, made as small as a phone would before sending. */

const EDGE_PX = 1280;
const QUALITY = 0.85;

/**
 * Let the person choose a picture.
 *
 * @returns {Promise<File | null>} null when they changed their mind
 */
export function choosePicture() {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

/**
 * Return a picture as a JPEG in base64.
 *
 * @param {Blob} file
 */
export async function asJpeg(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, EDGE_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = "#fff"; // What was transparent would turn black.
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1] ?? "";
}
