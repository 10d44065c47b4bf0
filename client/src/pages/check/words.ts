// Every sentence of the check page, in both languages.

import type { Language, Words } from "../../dom/languages.ts";

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    title: "Kiểm tra một phiếu đã mở",
    hint:
      "Trang này làm lại phiếu từ tệp hoặc mã QR của buồng phiếu và cho biết phiếu chứa gì. Hãy so mã " +
      "xác nhận với mã mà buồng phiếu đã hiện. Tệp không được gửi đi đâu.",
    file: "Tệp kiểm tra (check-….json)",
    working: "Đang tính lại…",
    good: "Phiếu này được tạo đúng, và chứa:",
    tracker: "Mã xác nhận",
    compare:
      "So từng ký tự với mã trên buồng phiếu. Nếu khác, máy kia đã hiện sai phiếu: hãy báo ban kiểm phiếu.",
    notMarked: "Không đánh dấu",
    bad: "Tệp này không khớp: {why}. Phiếu không chứa điều mà nó nói. Hãy báo ban kiểm phiếu.",
    unreadable: "Đây không phải là tệp hoặc mã kiểm tra của đợt này ({why}).",
    Offline: "Chưa kết nối được với máy chủ. Trang vẫn giữ phiếu vừa đọc: hãy kiểm tra mạng rồi thử lại.",
    Broken: "Trang gặp lỗi không lường trước ({why}). Không có gì bị gửi đi; hãy thử lại, hoặc quét lại mã.",
    retry: "Thử lại",
    other: "English",
  },
  en: {
    title: "Check a ballot that was laid open",
    hint:
      "This page makes the ballot anew from the booth's file or QR code and tells what it holds. Compare " +
      "the receipt code with the one the booth showed. The file is sent nowhere.",
    file: "Check file (check-….json)",
    working: "Computing…",
    good: "This ballot was made correctly, and holds:",
    tracker: "Receipt code",
    compare:
      "Compare each character with the code on the booth. If they differ, that device showed another " +
      "ballot: tell the counting committee.",
    notMarked: "Not marked",
    bad:
      "This file does not hold: {why}. The ballot does not contain what it says. Tell the counting " +
      "committee.",
    unreadable: "This is no check file or code of this vote ({why}).",
    Offline:
      "The server cannot be reached. The page still holds the ballot that was read: check your connection " +
      "and try again.",
    Broken: "Something unforeseen went wrong ({why}). Nothing was sent; try again, or scan the code again.",
    retry: "Try again",
    other: "Tiếng Việt",
  },
};
