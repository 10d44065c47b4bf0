// Slips on paper: A4, six a page, by static/css/slips.css. As surveys/roll/slip_sheets.py prints them; a test
// compares the two. Danger: what is drawn here is the codes.

import encodeQr from "qr";

import { shortCode, writeCode } from "../../core/codes.ts";
import type { Octets } from "../../core/octets.ts";
import { h, qrPicture } from "../../dom/h.ts";
import { Tongue } from "../../dom/languages.ts";
import { WORDS } from "./words.ts";

export interface Voter {
  readonly panel: number;
  readonly code: string;
  readonly name: string;
  readonly unit: string;
}

export interface Invitation {
  readonly survey: string;
  readonly title: string;
  readonly opens: string;
  readonly closes: string;
  readonly time_zone: string;
  readonly client: string;
  readonly k: number;
  readonly warnings: readonly { readonly kind: string; readonly where: string; readonly number: number }[];
  readonly voters: readonly Voter[];
  readonly contact: string;
}

export interface Slip {
  readonly voter: Voter;
  readonly code: Octets;
  readonly key: Octets;
}

const PROMISES = [
  "Lựa chọn được mã hóa trên máy của bạn; không ai mở từng phiếu. Không nơi nào lưu giấy này ứng với " +
    "lá phiếu nào; đừng đưa cho người khác.",
  "Your marks are encrypted on your device; nobody opens a single ballot. Nothing stored links this slip " +
    "to a ballot; give it to nobody.",
];
const NO_CONTACT = "bộ phận tổ chức lấy phiếu";

/** What a voter types: the short address of the booth, without the scheme. */
export function typedAddress(booth: string, survey: Octets): string {
  const { host, pathname } = new URL(booth);
  return `${host}${pathname.replace(/[0-9a-f]+\/$/u, "")}${shortCode(survey)}`;
}

/** `booth` is the address of the booth, `typed` the short one, `contact` who helps voters. */
export function sheets(
  invitation: Invitation,
  slips: readonly Slip[],
  { booth, typed, contact }: { readonly booth: string; readonly typed: string; readonly contact: string },
): HTMLElement {
  const at = (instant: string): string => new Tongue("vi", WORDS).moment(instant, invitation.time_zone);
  const line = (text: string, kind = ""): HTMLElement => h("p", kind === "" ? {} : { class: kind }, text);
  const one = ({ voter, code }: Slip): HTMLElement => {
    const written = writeCode(code);
    return h(
      "li",
      {},
      line(invitation.title, "slip-title"),
      h(
        "div",
        { class: "slip-who" },
        h(
          "div",
          {},
          line(voter.name, "slip-name"),
          line(voter.unit),
          line(`Mã số / No.: ${voter.code}`),
          line(`Mở / opens: ${at(invitation.opens)}`),
          line(`Đóng / closes: ${at(invitation.closes)}`),
        ),
        qrPicture(encodeQr(`${booth}#${written}`, "raw", { ecc: "medium", border: 2 }), "QR"),
      ),
      line("Mở camera, quét mã này. / Scan this code.", "slip-how"),
      h("p", {}, "Hoặc gõ / or type: ", h("b", {}, typed)),
      line(written, "slip-code mono"),
      ...PROMISES.map((text) => line(text)),
      h("p", {}, "Cần giúp / help: ", h("span", { class: "slip-contact" }, contact || NO_CONTACT)),
      line(`Chương trình / program: ${invitation.client.slice(0, 16)}`),
    );
  };
  return h("ul", { class: "slip-sheets", lang: "vi", translate: "no" }, ...slips.map(one));
}

/** Who helps, on sheets that are drawn already. */
export function tellContact(drawn: ParentNode, contact: string): void {
  for (const each of drawn.querySelectorAll(".slip-contact")) each.textContent = contact || NO_CONTACT;
}
