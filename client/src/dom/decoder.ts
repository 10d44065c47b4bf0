// Reading a QR code out of a picture, for browsers that cannot do it themselves. A bundle of its own: loaded
// when a camera is used.

import decodeQR from "qr/decode.js";

/** The text of the code in the picture; null where none is found. */
export function decode(picture: ImageData): string | null {
  try {
    return decodeQR({ width: picture.width, height: picture.height, data: picture.data });
  } catch {
    return null;
  }
}
