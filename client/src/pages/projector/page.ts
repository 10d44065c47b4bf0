// The projector's page: the way into the booth as a QR code, time left, and a coarse turnout (docs/protocol.md 15.6), in both languages.

import encodeQr from "qr";

import { decodeManifest, type Manifest } from "../../core/manifest.ts";
import { Tongue } from "../../dom/languages.ts";
import { h, qrPicture } from "../../dom/h.ts";
import { type Exhibits, NOTHING } from "../booth/exhibits.ts";
import { HttpWire, Refused, type Turnout, Unreachable } from "../booth/wire.ts";

const EVERY = 20_000;
const WORDS = {
  vi: {
    scan: "Quét mã để mở buồng phiếu, rồi nhập mã trên giấy mời của bạn.",
    closes: "Đóng bỏ phiếu: {at}",
    turnout: "Đã bỏ phiếu: từ {n} % trở lên",
    few: "Chưa hiện tỷ lệ: còn quá ít phiếu.",
    shut: "Đã đóng bỏ phiếu.",
    qr: "Mã QR của buồng phiếu",
    offline: "Mất kết nối; số liệu có thể cũ.",
  },
  en: {
    scan: "Scan to open the booth, then enter the code on your slip.",
    closes: "Voting closes: {at}",
    turnout: "Ballots cast: {n} % or more",
    few: "No share is shown yet: too few ballots.",
    shut: "Voting has closed.",
    qr: "QR code of the booth",
    offline: "No connection; the figure may be old.",
  },
};

const root = document.getElementById("projector") as HTMLElement;
const base = root.dataset["base"] as string;
const wire = new HttpWire(base);
const tongues = [new Tongue("vi", WORDS), new Tongue("en", WORDS)];

/** The same in both languages, one under the other. */
function both(make: (tongue: Tongue) => string, kind = ""): HTMLElement {
  return h("div", { class: kind }, ...tongues.map((tongue) => h("p", { lang: tongue.language }, make(tongue))));
}

function draw(manifest: Manifest, now: Turnout | null, told: Exhibits): void {
  const { terms } = manifest.definition;
  const address = new URL(`${base}/`, location.href).href;
  const share = (tongue: Tongue): string => {
    if (now === null) return tongue.say("offline");
    if (!now.open) return tongue.say("shut");
    return now.percent === null || now.percent === 0 ? tongue.say("few") : tongue.say("turnout", { n: now.percent });
  };
  document.title = `${terms.titleVi} – Tín Nhiệm`;
  root.replaceChildren(
    h("h1", {}, terms.titleVi),
    h("p", { lang: "en" }, terms.titleEn),
    h(
      "div",
      { class: "sides" },
      qrPicture(encodeQr(address, "raw", { ecc: "medium", border: 2 }), tongues.map((tongue) => tongue.say("qr")).join(" / ")),
      h(
        "div",
        {},
        both((tongue) => tongue.say("scan")),
        h("p", { class: "address mono" }, address),
        both((tongue) => tongue.say("closes", { at: tongue.moment(told.closes ?? terms.closes, terms.timeZone) })),
        both(share, "figure-big"),
      ),
    ),
  );
}

/** An answer, or null while there is no connection. */
async function unlessOffline<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Refused) return null;
    throw error;
  }
}

const manifest = decodeManifest(await wire.manifest());
let told = NOTHING;
for (;;) {
  const now = await unlessOffline(wire.turnout());
  told = (await unlessOffline(wire.exhibits(manifest))) ?? told;
  draw(manifest, now, told);
  await new Promise((done) => setTimeout(done, EVERY));
}
