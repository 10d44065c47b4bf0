// Every sentence of the booth in Vietnamese. A test compares the two lists.

import type { Words } from "../../dom/languages.ts";

export const VI: Words = {
  language: "Ngôn ngữ",
  other: "English",
  loading: "Đang mở đợt lấy phiếu…",
  loadingHint: "Trang chưa gửi đi điều gì về bạn.",
  fetching: "Đang tải phiếu của bạn…",
  codeTitle: "Nhập mã trên giấy mời",
  codeLabel: "Mã của bạn (17 ký tự)",
  codeHint: "Viết hoa hay thường, có gạch hay không đều được. Chữ O được hiểu là số 0, chữ I và L là số 1.",
  codeGo: "Tiếp tục",
  wait: "Xin đợi…",
  CodeWrong: "Đây chưa phải là một mã đủ 17 ký tự. Hãy so lại với giấy mời; chưa có gì được gửi đi.",
  CodeTypo:
    "Có một ký tự sai hoặc hai ký tự bị đổi chỗ. Hãy so lại từng nhóm với giấy mời; chưa có gì được gửi đi.",
  Offline: "Chưa kết nối được với máy chủ. Hãy kiểm tra mạng rồi thử lại.",
  OtherTab:
    "Phiếu này đang mở trong một thẻ khác của trình duyệt. Hãy tiếp tục ở thẻ đó, hoặc đóng thẻ đó " +
    "rồi thử lại.",
  WrongToken: "Phiếu nhận được không đúng khóa đã công bố, nên trang không dùng. Hãy báo ban kiểm phiếu.",
  WrongAnswer: "Máy chủ gửi dữ liệu không đúng quy cách, nên trang không dùng. Hãy báo ban kiểm phiếu.",
  WrongReceipt:
    "Giấy xác nhận không đúng chữ ký của hòm phiếu. Phiếu vẫn giữ trên máy này; hãy thử lại, và báo " +
    "ban kiểm phiếu nếu vẫn vậy.",
  SealFailed:
    "Máy này không mã hóa được phiếu. Không có gì được gửi đi và các lựa chọn còn trên trang. Hãy thử" +
    " lại hoặc dùng trình duyệt mới hơn.",
  ClosedUnknown:
    "Đã đóng bỏ phiếu, và trang chưa biết lần gửi trước có đến hòm phiếu không. Hãy thử lại khi có " +
    "mạng: trang sẽ tra cứu.",
  welcomeTitle: "Giấy mời hợp lệ",
  welcomeUnit: "Bạn bỏ phiếu tại đơn vị: {unit}",
  welcomeCount: "Phiếu có {n} người được lấy phiếu. Đơn vị có {voters} người ghi phiếu.",
  welcomeCloses: "Bỏ phiếu đến: {closes}",
  promise: "Điều được bảo đảm",
  promise1:
    "Lựa chọn được mã hóa ngay trên máy này. Không ai mở từng phiếu, kể cả ban kiểm phiếu. Chỉ tổng " +
    "số của nhóm từ {k} phiếu trở lên được mở.",
  promise2: "Máy chủ không lưu gì nối giấy mời với lá phiếu.",
  promise3:
    "Nếu cả nhóm chọn giống nhau thì kết quả của nhóm cho biết lựa chọn của từng người. Bảng tổng " +
    "hợp khi đó chỉ ghi khoảng, biên bản ghi chính xác.",
  promise4:
    "Hệ thống không chống được người nhìn trộm màn hình hay máy đã bị cài mã độc. Hãy bỏ phiếu ở nơi kín.",
  tryAgain: "Thử lại",
  markTitle: "Phiếu tín nhiệm",
  markHint:
    "Chọn một mức cho mỗi người. Để trống cũng được: dòng đó tính là không đánh dấu. Lựa chọn chỉ nằm" +
    " trong trang này; đóng trang là mất, và phải đánh dấu lại.",
  clear: "Bỏ chọn",
  report: "Báo cáo của người được lấy phiếu (PDF)",
  questions: "Câu hỏi và trả lời ({n})",
  late: "Trả lời sau hạn của quy tắc.",
  excluded:
    "Người này được đưa ra khỏi danh sách lấy phiếu sau khi đã mở bỏ phiếu. Mẫu phiếu không đổi nên " +
    "dòng này vẫn đánh dấu được; kết quả không kéo theo hệ quả nào.",
  photo: "Ảnh {name}",
  toReview: "Xem lại",
  reviewTitle: "Xem lại phiếu",
  notMarked: "Không đánh dấu",
  reviewAll: "Bạn đã đánh dấu cả {n} người.",
  reviewSome: "{n} người chưa được đánh dấu. Phiếu vẫn hợp lệ.",
  toMarks: "Sửa",
  toSeal: "Đúng, mã hóa và nhận phiếu",
  sealing: "Đang mã hóa phiếu trên máy này…",
  sealingHint: "Chưa gửi gì đi.",
  sealedTitle: "Phiếu đã mã hóa, chưa bỏ vào hòm",
  sealedHint:
    "Đây là mã xác nhận của phiếu này. Bạn có thể ghi lại rồi bỏ phiếu. Hoặc yêu cầu mở phiếu này ra " +
    "để kiểm tra máy có ghi đúng không.",
  tracker: "Mã xác nhận",
  cast: "Bỏ phiếu",
  challenge: "Kiểm tra phiếu này",
  challengeHint: "Phiếu được kiểm tra sẽ mở ra và không dùng để bỏ nữa; sau đó máy làm phiếu mới.",
  back: "Quay lại sửa",
  openedTitle: "Phiếu đã mở để kiểm tra",
  openedHint:
    "Phiếu này chứa đúng những mức dưới đây. Hãy kiểm tra trên một thiết bị khác và so mã xác nhận. " +
    "Ở đó, quét mã QR hoặc đưa tệp vào trang kiểm tra. Phiếu này không bỏ được nữa.",
  openedQr: "Mã QR mở trang kiểm tra với phiếu này",
  openedFile: "Lưu tệp kiểm tra",
  openedLink: "Mở trang kiểm tra",
  renew: "Làm phiếu mới với cùng lựa chọn",
  castingTitle: "Đang bỏ phiếu",
  castingHint:
    "Đang gửi phiếu đã mã hóa. Đừng đóng trang; nếu lỡ đóng, hãy quét lại giấy mời, trang sẽ gửi tiếp" +
    " đúng phiếu này.",
  castingTries: "Lần thử {n}. Trang sẽ tự thử lại.",
  now: "Thử ngay",
  doneTitle: "Bạn đã bỏ phiếu xong",
  doneHint: "Phiếu đã nằm trong hòm phiếu. Bạn không cần làm gì thêm.",
  doneLooked:
    "Tra cứu cho thấy phiếu đã nằm trong hòm. Chữ ký xác nhận không lấy lại được vì đã đóng bỏ phiếu.",
  doneNothing: "Mã này không cho biết bạn đã chọn gì.",
  save: "Lưu giấy xác nhận",
  print: "In giấy xác nhận",
  receiptTitle: "Giấy xác nhận đã bỏ phiếu",
  receiptSign: "Chữ ký của hòm phiếu",
  look: "Tra cứu mã xác nhận",
  change: "Bỏ phiếu lại",
  changeHint:
    "Đến khi đóng, phiếu bỏ sau thay phiếu bỏ trước; chỉ phiếu cuối được tính. Phiếu trong hòm vẫn " +
    "tính cho đến khi bạn bỏ phiếu mới.",
  leave: "Xong, rời trang này",
  nextVoter: "Xong, xóa sạch cho người tiếp theo",
  nextSoon: "Trang tự xóa sau {n} giây.",
  stoppedTitle: "Chưa đi tiếp được",
  startAgain: "Nhập mã khác",
  keepsNothing:
    "Trình duyệt này không lưu được gì (chế độ riêng tư?). Nếu đóng trang sau khi nhận phiếu thì mất " +
    "phiếu. Nên dùng trình duyệt khác, hoặc giữ trang mở đến khi có giấy xác nhận.",
  software: "Chương trình bỏ phiếu (SHA-256)",
  manifestHash: "Mã của đợt lấy phiếu",
  closed: "Theo lịch, đã đến giờ đóng bỏ phiếu.",
  timeLeft: "Còn {time}",
  days: "{n} ngày",
  hours: "{n} giờ",
  minutes: "{n} phút",
  lookTitle: "Tra cứu mã xác nhận",
  lookGo: "Tra cứu",
  lookBox: "Có: phiếu này nằm trong hòm phiếu.",
  lookBoard:
    "Có: phiếu này nằm trên bảng đã niêm phong, ở vị trí {i} trong {n}. Trình duyệt đã tự kiểm tra " +
    "chứng minh và chữ ký.",
  lookNowhere:
    "Không có phiếu nào với mã này. Hãy so lại từng ký tự; nếu đúng mã, hãy báo ban kiểm phiếu và đưa" +
    " giấy xác nhận.",
  lookFalse: "Máy chủ nói có, nhưng chứng minh không đúng ({check}). Hãy báo ban kiểm phiếu.",
  lookBack: "Quay lại",
  stepOf: "Bước {n} trong 5",
  step1: "Giấy mời",
  step2: "Đánh dấu",
  step3: "Xem lại",
  step4: "Mã hóa, bỏ phiếu",
  step5: "Xong",
  scan: "Quét mã bằng camera",
  scanInsecure:
    "Trang này không mở qua https nên không dùng được camera trong trang. Hãy quét bằng ứng dụng " +
    "camera của điện thoại, hoặc nhập mã.",
  scanTitle: "Quét mã QR trên giấy mời",
  scanHint: "Đưa mã QR trên giấy mời vào trước camera. Hình ảnh không được gửi đi đâu.",
  scanBack: "Nhập mã bằng tay",
  scanNoCamera: "Trang không dùng được camera. Hãy cho phép dùng camera, hoặc nhập mã bằng tay.",
  scanStrange: "Đây không phải mã QR trên giấy mời của đợt này. Hãy thử lại.",
  scanVideo: "Hình từ camera",
  begin: "Bắt đầu đánh dấu",
  finishHere:
    "Hãy làm xong trên chính trình duyệt này. Phiếu chỉ được nhận sau khi bạn xem lại; trước lúc đó, " +
    "máy nào cũng bắt đầu lại được.",
  notOpenYet: "Chưa mở bỏ phiếu. Theo lịch sẽ mở lúc {opens}. Giấy mời của bạn chưa bị dùng.",
  shutAlready: "Đã đóng bỏ phiếu. Không nhận thêm phiếu nữa; vẫn tra cứu được mã xác nhận.",
  pausedForQuorum:
    "Đơn vị của bạn chưa đủ số người tối thiểu nên chưa phát phiếu. Giấy mời chưa bị dùng. Hãy thử " +
    "lại khi đủ người.",
  papersNotYet: "Chưa bắt đầu phát phiếu. Giấy mời của bạn chưa bị dùng. Hãy thử lại sau.",
  papersNoLonger: "Đơn vị của bạn đã ngừng phát phiếu. Nếu thấy không đúng, hãy báo bộ phận tổ chức.",
  papersAllGiven:
    "Đã phát đủ số phiếu cho số người có mặt. Nếu bạn có mặt mà chưa nhận phiếu, hãy báo bộ phận tổ chức.",
  TakenElsewhere:
    "Giấy mời này đã nhận phiếu. Có thể trên máy khác, trình duyệt khác, hoặc ở đây nhưng trình " +
    "duyệt đã xóa dữ liệu. Không ai nhận phiếu lần thứ hai được. Nếu đã thấy mã xác nhận cuối cùng " +
    "thì phiếu đã vào hòm. Nếu chưa, hãy mở lại giấy mời trên máy và trình duyệt đã dùng. Không còn " +
    "máy đó, hoặc không phải bạn đã nhận: hãy báo ngay bộ phận tổ chức.",
  Unforeseen:
    "Trang gặp lỗi ngoài dự kiến. Những gì đã mã hóa vẫn được giữ trên máy này. Hãy thử lại; nếu vẫn " +
    "lỗi, hãy tải lại trang và quét lại giấy mời.",
  inside:
    "Trang đang mở bên trong {app}. Ở đây trình duyệt có thể xóa dữ liệu khi đóng, làm bạn mất phiếu " +
    "đã nhận. Nên mở bằng Chrome hoặc Safari.",
  insideLink: "Đường dẫn để mở trong Chrome hoặc Safari",
  insideThen: "Sau khi mở ở đó, hãy quét hoặc nhập lại mã trên giấy mời.",
  openOutside: "Mở bằng trình duyệt của máy",
  copy: "Chép đường dẫn",
  copied: "Đã chép.",
  copyByHand: "Trình duyệt không cho chép. Hãy chọn chữ rồi chép bằng tay.",
  whoSees: "Ai xem kết quả",
  "sees-subject": "Người được lấy phiếu xem kết quả của mình; cấp có thẩm quyền xem kết quả chung.",
  "sees-heads": "Người được lấy phiếu, người đứng đầu đơn vị và cấp có thẩm quyền xem kết quả.",
  "sees-unit": "Người được lấy phiếu, người trong đơn vị và cấp có thẩm quyền xem kết quả.",
  "sees-public": "Ai cũng xem được kết quả.",
  group: "Nhóm bỏ phiếu của bạn có {voters} người. Không tổng số nào dưới {k} phiếu được mở.",
  criteria: "Tiêu chí xem xét",
  criterion1: "Tính đảng",
  criterion2: "Gương mẫu",
  criterion3: "Dám làm",
  criterion4: "Dám chịu trách nhiệm",
  criterion5: "Nói đi đôi với làm",
  criterion6: "Năng lực lãnh đạo công tác đảng",
  criterion7: "Năng lực quản lý, chuyên môn",
  criterion8: "Đoàn kết, phê bình và tự phê bình",
  reportComing: "Đang tải báo cáo…",
  toRow: "Quay lại dòng này",
  earlierCounts: "Phiếu trước đang nằm trong hòm và vẫn được tính cho đến khi bạn bỏ phiếu mới.",
  keepEarlier: "Giữ phiếu trước, không bỏ lại",
  sealHint:
    "Bước tiếp theo: mã hóa phiếu trên máy này và nhận phiếu. Sau đó bạn còn xem mã xác nhận rồi mới " +
    "bỏ phiếu.",
  askingTitle: "Đang nhận phiếu",
  askingHint: "Phiếu đã mã hóa nằm trên máy này. Chỉ yêu cầu nhận phiếu được gửi đi, không kèm lựa chọn.",
  resumedHint:
    "Trước khi bị ngắt, bạn đã mã hóa phiếu này. Trang không lưu lựa chọn nên không hiện lại được. " +
    "Bạn có thể bỏ phiếu này, hoặc đánh dấu lại.",
  markAnew: "Đánh dấu lại từ đầu",
  copyReceipt: "Chép giấy xác nhận",
  receiptPage: "Kiểm tra giấy xác nhận đã lưu",
  savedHint: "Đã gửi tệp cho trình duyệt. Hãy xem trong thư mục tải về.",
  savedInside: "Ứng dụng này có thể không lưu được tệp. Hãy chép giấy xác nhận hoặc chụp màn hình.",
  printedHint: "Nếu không có gì được in, hãy lưu hoặc chép giấy xác nhận.",
  receiptVote: "Đợt lấy phiếu",
  receiptWhere: "Tra cứu tại",
  receiptText: "Nội dung mã QR",
  receiptQr: "Mã QR của giấy xác nhận",
  receiptHint:
    "Giấy này chứng minh hòm phiếu đã nhận phiếu. Nếu sau này phiếu không có trên bảng, hãy đưa giấy " +
    "này cho ban kiểm phiếu.",
  ownBoard:
    "Đã tra cứu: phiếu của bạn nằm trên bảng đã niêm phong, ở vị trí {i} trong {n}. Trình duyệt đã tự" +
    " kiểm tra chứng minh.",
  ownMissing:
    "Đã tra cứu: phiếu của bạn KHÔNG có trên bảng đã niêm phong. Bạn có bỏ lại ở nơi khác không? Nếu " +
    "không, hãy lưu giấy xác nhận này và đưa ngay cho ban kiểm phiếu.",
  ownOffline: "Chưa tra cứu được phiếu trên bảng đã niêm phong vì mất kết nối. Trang sẽ thử lại.",
  ownLater:
    "Khi hòm phiếu được niêm phong, hãy mở lại giấy mời trên máy này. Khi đó trang sẽ tự tra cứu " +
    "phiếu của bạn.",
  lookMissing:
    "Không có phiếu nào với mã này trên bảng {n} phiếu đã niêm phong; trình duyệt đã tự kiểm tra. Nếu" +
    " mã đúng và bạn không bỏ lại phiếu, hãy đưa giấy xác nhận cho ban kiểm phiếu.",
  TrackerTypo: "Có một ký tự sai hoặc hai ký tự bị đổi chỗ. Hãy so lại với giấy xác nhận.",
  TrackerWrong:
    "Đây chưa phải là một mã xác nhận đủ 17 ký tự. Hãy so lại với giấy xác nhận, không phải giấy mời.",
  lookHint: "Mã gồm 17 ký tự trên giấy xác nhận. Mã không được gửi đi: trang tải một danh sách rồi tự tìm.",
  experts: "Dành cho chuyên gia",
};
