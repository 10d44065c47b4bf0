// What stands on the projector, in both languages at once.

import type { Language, Words } from "../../dom/languages.ts";

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    do1: "Mở camera, quét mã QR này, hoặc gõ địa chỉ bên dưới.",
    do2: "Quét hoặc nhập mã trên giấy mời của bạn.",
    do3: "Đánh dấu, xem lại, bỏ phiếu.",
    closes: "Đóng bỏ phiếu lúc {at}",
    left: "Còn {time}",
    leftDays: "Còn {n} ngày",
    closing: "Đang đóng…",
    notOpen: "Chưa mở bỏ phiếu.",
    turnout: "Đã bỏ phiếu: từ {n} % trở lên",
    few: "Chưa hiện tỷ lệ: còn quá ít phiếu.",
    shut: "Đã đóng bỏ phiếu.",
    qr: "Mã QR của buồng phiếu",
    offline: "Mất kết nối với máy chủ. Trang tự thử lại.",
    shared: "Máy này là máy dùng chung",
  },
  en: {
    do1: "Open your camera and scan this code, or type the address below it.",
    do2: "Scan or type the code on your slip.",
    do3: "Mark, review, cast.",
    closes: "Voting closes at {at}",
    left: "{time} left",
    leftDays: "{n} days left",
    closing: "Closing…",
    notOpen: "Voting is not open yet.",
    turnout: "Ballots cast: {n} % or more",
    few: "No share is shown yet: too few ballots.",
    shut: "Voting has closed.",
    qr: "QR code of the booth",
    offline: "The server cannot be reached. The page tries again by itself.",
    shared: "This is a shared device",
  },
};
