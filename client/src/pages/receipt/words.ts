// Every sentence of the receipt page, in both languages. What a verdict means and what to do is said as
// surveys/audit/receipt_words.py says it.

import type { Language, Words } from "../../dom/languages.ts";

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    title: "Kiểm tra giấy xác nhận",
    hint:
      "Trang này cho biết phiếu trên giấy xác nhận có trong hòm phiếu hay trên bảng đã niêm phong không. " +
      "Giấy được đọc trên máy này và không được gửi đi đâu. Giấy không cho biết bạn " +
      "đã chọn gì.",
    file: "Tệp giấy xác nhận đã lưu",
    text: "Hoặc dán nội dung mã QR, bắt đầu bằng TNR1.",
    go: "Kiểm tra",
    working: "Đang kiểm tra…",
    tracker: "Mã xác nhận",
    box: "Có: hòm phiếu đã ký giấy này, và phiếu đang nằm trong hòm.",
    board:
      "Đã được tính: phiếu này nằm trên bảng đã niêm phong, ở vị trí {i} trong {n}. Trình duyệt đã tự kiểm " +
      "tra chữ ký và chứng minh.",
    nowhere: "Hòm phiếu đã ký giấy này, nhưng bây giờ phiếu không có trong hòm.",
    missing: "Hòm phiếu đã ký giấy này, nhưng phiếu không có trong {n} phiếu trên bảng đã niêm phong.",
    todo: "Việc cần làm",
    again:
      "Nếu bạn đã bỏ phiếu lại sau đó: phiếu sau thay phiếu này. Hãy kiểm tra giấy xác nhận của lần bỏ " +
      "sau cùng.",
    notAgain:
      "Nếu bạn không bỏ phiếu lại: hãy giữ giấy này và báo ngay cho ban kiểm phiếu. Đưa cho họ một bản, " +
      "không đưa bản duy nhất.",
    bundle:
      "Khi gói kiểm tra của đợt được công bố, bất cứ ai cũng phân xử được bằng lệnh bên dưới. Lệnh cho " +
      "biết " +
      "phiếu đã được thay hay bị thiếu. Nếu thiếu, giấy này cùng gói là bằng chứng.",
    forged:
      "Không có giá trị: hòm phiếu của đợt này không ký giấy xác nhận này. Hãy so lại với giấy bạn đã lưu.",
    another:
      "Của đợt khác: giấy xác nhận này không nói gì về đợt này. Hãy mở địa chỉ ghi trên chính giấy đó.",
    unreadable:
      "Không tìm thấy đúng một giấy xác nhận trong nội dung này. Hãy chọn tệp đã lưu, hoặc dán lại.",
    tooLarge: "Tệp này lớn hơn 1 MB nên không phải giấy xác nhận. Hãy chọn tệp đã lưu.",
    falseAnswer:
      "Máy chủ trả lời, nhưng chứng minh không đúng ({check}). Hãy giữ giấy này và báo ban kiểm phiếu.",
    Offline: "Chưa kết nối được với máy chủ. Giấy của bạn vẫn còn nguyên. Hãy kiểm tra mạng rồi thử lại.",
    Broken: "Trang gặp lỗi ngoài dự kiến. Giấy của bạn vẫn còn nguyên. Hãy tải lại trang và thử lại.",
    other: "English",
  },
  en: {
    title: "Check a receipt",
    hint:
      "This page tells whether the ballot on your receipt is in the box, or on the sealed board. The " +
      "receipt is read on this device and sent nowhere. It does not tell how you voted.",
    file: "The file of the receipt",
    text: "Or paste the content of its QR code, which begins with TNR1.",
    go: "Check",
    working: "Checking…",
    tracker: "Receipt code",
    box: "Yes: the box has signed this receipt, and the ballot is in the box.",
    board:
      "Counted: this ballot is on the sealed board, at place {i} of {n}. This browser has checked " +
      "signature " +
      "and proof itself.",
    nowhere: "The box has signed this receipt, but the ballot is not in the box now.",
    missing: "The box has signed this receipt, but the ballot is not among the {n} on the sealed board.",
    todo: "What to do",
    again:
      "If you voted again later: that ballot took the place of this one. Check your last receipt instead.",
    notAgain:
      "If you did not vote again: keep this receipt and tell the counting committee at once. Give them a " +
      "copy, not your only one.",
    bundle:
      "Once the bundle of this vote is published, anybody can judge with the command below. It tells " +
      "whether the ballot was replaced or is missing. If it is missing, receipt and bundle together " +
      "prove it.",
    forged:
      "No evidence: the box of this vote has not signed this receipt. Compare it with the one you saved.",
    another:
      "Of another vote: this receipt says nothing about this vote. Open the address that stands on the " +
      "receipt.",
    unreadable: "There is not exactly one receipt in this. Choose the file you saved, or paste again.",
    tooLarge: "This file has more than 1 MB and is no receipt. Choose the file you saved.",
    falseAnswer:
      "The server answered, but its proof does not hold ({check}). Keep this receipt and tell the counting " +
      "committee.",
    Offline: "The server cannot be reached. Your receipt is as it was. Check your connection and try again.",
    Broken: "Something failed that nobody foresaw. Your receipt is as it was. Reload the page and try again.",
    other: "Tiếng Việt",
  },
};
