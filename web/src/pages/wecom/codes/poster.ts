/** A poster, drawn where the fonts are: in the browser. */

export interface Poster {
  brand: string;
  name: string;
  invitation: string;
  /** Address of the code to print, from this very server. */
  picture: string;
  file: string;
}

const WIDTH = 1080;
const HEIGHT = 1620;
const CODE = 640;
const FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

/** Draws the poster and hands it over as a PNG file. */
export async function drawPoster(poster: Poster): Promise<void> {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser cannot draw.");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.textAlign = "center";
  write(pen, poster.brand, 250, 84, "#1f2329", "600");
  write(pen, poster.name, 360, 48, "#646a73");
  const picture = await load(poster.picture);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, (WIDTH - CODE) / 2, 500, CODE, CODE);
  write(pen, poster.invitation, 1300, 48, "#1f2329");
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("This browser cannot draw.");
  save(blob, poster.file);
}

function write(
  pen: CanvasRenderingContext2D,
  text: string,
  y: number,
  size: number,
  color: string,
  weight = "400",
) {
  pen.fillStyle = color;
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillText(text, WIDTH / 2, y, WIDTH - 120);
}

function load(address: string): Promise<HTMLImageElement> {
  return new Promise((done, fail) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.onerror = () => fail(new Error(`The picture ${address} cannot be loaded.`));
    picture.src = address;
  });
}

function save(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
