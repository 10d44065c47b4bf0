// Every sentence of the slips page, in both languages.

import type { Language, Words } from "../../dom/languages.ts";

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    other: "English",
    title: "Giấy mời",
    loading: "Đang tải danh sách người ghi phiếu…",
    intro:
      "Mã của giấy mời được tạo ngay trên máy này và không bao giờ đến máy chủ; máy chủ chỉ nhận khóa " +
      "công khai. {n} người ghi phiếu, {units} đơn vị.",
    warnPanel: "{where}: chỉ có {n} người ghi phiếu, ít hơn {k}.",
    warnElectorate: "{where}: chỉ có {n} người ghi phiếu, ít hơn {k}; kết quả sẽ không công bố.",
    warnPlaces: "{where}: được lấy phiếu ở {n} nơi.",
    warnCommittee:
      "{where}: có tên trong ban kiểm phiếu và cũng là tên một người được lấy phiếu; người được lấy " +
      "phiếu không được kiểm phiếu.",
    make: "Tạo {n} giấy mời",
    making: "Đang tạo giấy mời",
    progress: "{done} / {all}",
    print: "In giấy mời (A4, 6 giấy một trang)",
    save: "Lưu danh sách mã (CSV) để tự in",
    contact: "Ai giúp người ghi phiếu? (in trên giấy mời)",
    contactHint: "Tên và số điện thoại, ví dụ: chị Lan, 0912 345 678",
    printed: "Tôi đang cầm đủ {n} giấy mời đã in (hoặc tệp đã lưu)",
    scanned: "Tôi đã đưa một giấy trước camera điện thoại: máy đọc được mã và hiện địa chỉ {host}",
    printedHint:
      "Sau khi chốt, không ai tạo lại được các mã này. Nếu chưa in mà đóng trang, chỉ cần làm lại từ đầu.",
    stillTitle: "Giấy mời vẫn còn trên trang này",
    stillHint: "Chúng ở lại đến khi bạn đánh dấu cả hai ô. Đóng trang trước đó thì không in lại được nữa.",
    clear: "Xong, xóa giấy mời khỏi trang này",
    freeze: "Chốt danh sách",
    needPrinted: "Hãy in hoặc lưu giấy mời, rồi đánh dấu ô thứ nhất trước khi chốt.",
    Broken: "Trang gặp lỗi không lường trước ({why}). Các giấy mời vẫn còn trên trang này; hãy thử lại.",
    freezing: "Đang tạo khóa cho từng đơn vị",
    toDesk: "Về bàn làm việc",
    kept: "Đã nhận khóa của các giấy mời. Bây giờ hãy về bàn làm việc để chốt đợt lấy phiếu.",
    anew: "Làm lại toàn bộ giấy mời",
    frozen: "Danh sách đã chốt. Hãy hủy tệp giấy mời khi đã phát hết.",
    lostTitle: "Giấy mời bị mất",
    lostHint:
      "Tạo giấy mới cho một người chưa nhận phiếu. Giấy cũ hết hiệu lực; việc thay được ghi vào gói " +
      "kiểm tra và biên bản.",
    lostWho: "Mã người ghi phiếu",
    lostGo: "Tạo giấy mới",
    lostNobody: "Không có người ghi phiếu nào mang mã này.",
    lostDone: "Giấy mới của {name} đã có hiệu lực. Hãy in ngay.",
    failed: "Chưa chốt được ({why}). Không có gì bị mất; hãy thử chốt lại.",
    Offline: "Chưa kết nối được với máy chủ. Các giấy mời vẫn còn trên trang này; hãy thử lại.",
    retry: "Thử lại",
    linkMissing: "Hãy mở đường dẫn riêng mà bạn nhận được; địa chỉ này thiếu phần sau dấu #.",
  },
  en: {
    other: "Tiếng Việt",
    title: "Slips",
    loading: "Loading the voters…",
    intro:
      "The codes of the slips are made on this device and never reach the server; it gets public keys " +
      "only. {n} voters, {units} units.",
    warnPanel: "{where}: only {n} voters, fewer than {k}.",
    warnElectorate: "{where}: only {n} voters, fewer than {k}; the result will be withheld.",
    warnPlaces: "{where}: is voted on in {n} places.",
    warnCommittee:
      "{where}: counts, and somebody of this name is voted on; nobody who is voted on may count.",
    make: "Make {n} slips",
    making: "Making slips",
    progress: "{done} of {all}",
    print: "Print the slips (A4, six a page)",
    save: "Save the list of codes (CSV) for printing yourself",
    contact: "Who helps voters? (printed on the slips)",
    contactHint: "Name and telephone number, for example: Mrs. Lan, 0912 345 678",
    printed: "I hold all {n} printed slips in my hands (or the saved file)",
    scanned: "I have held one slip before a phone's camera: it reads the code and shows the address {host}",
    stillTitle: "The slips are still on this page",
    stillHint:
      "They stay until you tick both boxes. If the page is closed before, they cannot be printed again.",
    clear: "Done, take the slips off this page",
    printedHint:
      "Once frozen, nobody can make these codes again. If you close the page before, simply start over.",
    freeze: "Freeze the roll",
    needPrinted: "Print or save the slips and tick the first box before you freeze.",
    Broken: "Something unforeseen went wrong ({why}). The slips are still on this page; try again.",
    freezing: "Making a key for each unit",
    toDesk: "Back to the desk",
    kept: "The keys of the slips are in. Now go back to the desk and freeze the round there.",
    anew: "Make all slips anew",
    frozen: "The roll is frozen. Destroy the file of the slips when all are handed out.",
    lostTitle: "A lost slip",
    lostHint:
      "Make a new slip for somebody who has not taken a ballot paper yet. The old one is dead; it is " +
      "recorded in the audit bundle and in the minutes.",
    lostWho: "Code of the voter",
    lostGo: "Make a new slip",
    lostNobody: "No voter has this code.",
    lostDone: "The new slip of {name} is good now. Print it.",
    failed: "Not frozen ({why}). Nothing is lost; try to freeze again.",
    Offline: "The server cannot be reached. The slips are still on this page; try again.",
    retry: "Try again",
    linkMissing: "Open the personal link that you were given; this address lacks the part after #.",
  },
};
