"""What each verdict on a receipt means and what to do, in both languages (docs/protocol.md 9.5)."""

from __future__ import annotations

RECEIPT_WORDS = {
    "en": {
        "counted": "Counted: this ballot is on the sealed board, at place {place} of {size}.",
        "replaced": "Replaced: a later ballot of the same voter is on the sealed board, at place {place} "
        "of {size}; that one counts."
        " If you did not vote again, your slip or your device was used by somebody else: tell the counting "
        "committee.",
        "missing": "MISSING: the box has signed that it holds this ballot, and neither this ballot nor a "
        "later one of its voter is among"
        " the {size} on the board that it signed. This receipt and the bundle together prove it to "
        "anybody. Keep both, give a copy"
        " of the receipt to the counting committee and to the authority above, and ask for a ruling; it "
        "does not tell how you voted.",
        "forged": "No evidence: the box of this vote has not signed this receipt. Compare it with the one "
        "you saved.",
        "another": "Of another vote: this receipt says nothing about this board. Use the bundle of the "
        "vote that it names.",
    },
    "vi": {
        "counted": "Đã được tính: phiếu này nằm trên bảng đã niêm phong, ở vị trí {place} trong {size}.",
        "replaced": "Đã được thay: trên bảng đã niêm phong có phiếu bỏ sau của cùng người, ở vị trí "
        "{place} trong {size}; phiếu đó được"
        " tính. Nếu bạn không bỏ phiếu lại, giấy mời hoặc máy của bạn đã bị người khác dùng: hãy báo ban "
        "kiểm phiếu.",
        "missing": "THIẾU: hòm phiếu đã ký là đang giữ phiếu này, nhưng trong {size} phiếu trên bảng mà "
        "hòm đã ký không có phiếu này,"
        " cũng không có phiếu bỏ sau của cùng người. Giấy xác nhận này cùng gói kiểm tra chứng minh điều "
        "đó với bất cứ ai. Hãy giữ cả hai, gửi một"
        " bản giấy xác nhận cho ban kiểm phiếu và cấp trên, và đề nghị giải quyết; giấy không cho biết bạn "
        "đã chọn gì.",
        "forged": "Không có giá trị: hòm phiếu của đợt này không ký giấy xác nhận này. Hãy so lại với giấy "
        "bạn đã lưu.",
        "another": "Của đợt khác: giấy xác nhận này không nói gì về bảng phiếu này. Hãy dùng gói kiểm tra "
        "của đúng đợt.",
    },
}
