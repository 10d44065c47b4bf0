// A QR code before the camera becomes text. The browser reads it where it can; where not, a decoder is loaded
// that is loaded only then.

interface Detector {
  detect(source: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}
type Reader = (video: HTMLVideoElement) => Promise<string | null>;

export function canScan(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

/** A camera that is watched until a code is found or it is stopped. */
export class Scanner {
  readonly video: HTMLVideoElement;
  #stream: MediaStream | null = null;
  #running = true;

  constructor(video: HTMLVideoElement) {
    this.video = video;
  }

  /**
   * Tell each text that is read to `found`, until it says that it was the one. Throws where there is no
   * camera for us.
   */
  async watch(found: (text: string) => boolean, decoder: string): Promise<void> {
    const wanted = { video: { facingMode: "environment" }, audio: false };
    this.#stream = await navigator.mediaDevices.getUserMedia(wanted);
    if (!this.#running) return this.stop();
    this.video.srcObject = this.#stream;
    this.video.setAttribute("playsinline", "");
    await this.video.play();
    const read = await reader(decoder);
    while (this.#running) {
      const text = this.video.videoWidth > 0 ? await read(this.video) : null;
      if (text !== null && this.#running && found(text)) return this.stop();
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  /** The camera goes off. */
  stop(): void {
    this.#running = false;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
  }
}

async function reader(decoder: string): Promise<Reader> {
  const native = await nativeReader();
  if (native !== null) return native;
  const { decode } = (await import(decoder)) as typeof import("./decoder.ts");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (pen === null) return null;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decode(pen.getImageData(0, 0, canvas.width, canvas.height));
  };
}

async function nativeReader(): Promise<Reader | null> {
  const made = (
    globalThis as {
      BarcodeDetector?: { new (options: object): Detector; getSupportedFormats(): Promise<string[]> };
    }
  ).BarcodeDetector;
  try {
    if (made === undefined || !(await made.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new made({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  } catch {
    return null;
  }
}
