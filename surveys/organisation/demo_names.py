"""Word lists for the demo organisation: common Vietnamese names and plausible, invented units. Nobody real is meant."""

from __future__ import annotations

FAMILIES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Mai Tô Lâm Hà Cao Lương"
).split()
MIDDLES_HIS = "Văn Hữu Đức Công Quang Minh Xuân Ngọc Thanh Quốc Đình Trọng Bá Duy Anh".split()
MIDDLES_HERS = "Thị Thu Ngọc Thanh Minh Kim Bích Hồng Phương Thùy Mai Diệu Khánh Lan Quỳnh".split()
GIVEN_HIS = (
    "Hùng Dũng Sơn Tuấn Thắng Long Nam Bình Hải Phong Cường Khoa Quân Tùng Việt Hiếu Thành Kiên Lâm Đạt Phúc Tài Vinh An"
).split()
GIVEN_HERS = (
    "Lan Hoa Hương Thảo Trang Linh Mai Nga Hạnh Yến Hà Thủy Loan Dung Oanh Nhung Vân Liên Chi My Giang Ngân Trâm Thư"
).split()

# (Vietnamese, English) of committees: "Đảng ủy …", "Party committee of the …".
AGENCIES: tuple[tuple[str, str], ...] = (
    ("Sở Nội vụ", "Department of Home Affairs"),
    ("Sở Tài chính", "Department of Finance"),
    ("Sở Tư pháp", "Department of Justice"),
    ("Sở Y tế", "Department of Health"),
    ("Sở Công Thương", "Department of Industry and Trade"),
    ("Sở Xây dựng", "Department of Construction"),
    ("Sở Giao thông", "Department of Transport"),
    ("Sở Nông nghiệp", "Department of Agriculture"),
    ("Sở Giáo dục", "Department of Education"),
    ("Sở Văn hóa", "Department of Culture"),
    ("Sở Khoa học", "Department of Science"),
    ("Sở Lao động", "Department of Labour"),
    ("Sở Môi trường", "Department of Environment"),
    ("Sở Thông tin", "Department of Information"),
    ("Sở Du lịch", "Department of Tourism"),
    ("Thanh tra tỉnh", "Provincial Inspectorate"),
    ("Văn phòng tỉnh", "Provincial Office"),
    ("Ban Dân tộc", "Board of Ethnic Affairs"),
    ("Kho bạc", "Treasury"),
    ("Cục Thuế", "Tax Office"),
    ("Cục Thống kê", "Statistics Office"),
    ("Bảo hiểm xã hội", "Social Insurance"),
    ("Tòa án tỉnh", "Provincial Court"),
    ("Viện Kiểm sát", "Procuracy"),
    ("Thi hành án", "Judgment Enforcement"),
    ("Báo tỉnh", "Provincial Newspaper"),
    ("Đài Phát thanh", "Broadcasting Station"),
    ("Trường Chính trị", "Political School"),
    ("Trường Cao đẳng Y", "Medical College"),
    ("Trường Cao đẳng Nghề", "Vocational College"),
    ("Bệnh viện Đa khoa", "General Hospital"),
    ("Bệnh viện Nhi", "Children's Hospital"),
    ("Trung tâm Kiểm nghiệm", "Testing Centre"),
    ("Liên minh Hợp tác xã", "Cooperative Union"),
    ("Hội Nông dân", "Farmers' Association"),
    ("Hội Phụ nữ", "Women's Association"),
    ("Tỉnh đoàn", "Youth Union"),
    ("Liên đoàn Lao động", "Labour Federation"),
    ("Mặt trận tỉnh", "Fatherland Front"),
    ("Ngân hàng Chính sách", "Policy Bank"),
    ("Ngân hàng Phát triển", "Development Bank"),
    ("Công ty Cấp nước", "Water Company"),
    ("Công ty Điện lực", "Power Company"),
    ("Công ty Môi trường đô thị", "Urban Environment Company"),
    ("Công ty Xổ số", "Lottery Company"),
    ("Công ty Thủy lợi", "Irrigation Company"),
    ("Công ty Lâm nghiệp", "Forestry Company"),
    ("Bưu điện tỉnh", "Provincial Post"),
    ("Viễn thông tỉnh", "Provincial Telecom"),
    ("Ban Quản lý Khu công nghiệp", "Industrial Zones Board"),
    ("Ban Quản lý Dự án", "Projects Board"),
    ("Quỹ Đầu tư", "Investment Fund"),
    ("Kiểm toán khu vực", "Regional Audit"),
    ("Hải quan", "Customs"),
    ("Quản lý thị trường", "Market Surveillance"),
    ("Dự trữ khu vực", "Regional Reserves"),
    ("Thư viện và Bảo tàng", "Library and Museum"),
)

# (Vietnamese, English) of cells: "Chi bộ …", "Party cell of …".
OFFICES: tuple[tuple[str, str], ...] = (
    ("Văn phòng", "the Office"),
    ("Tổ chức", "Personnel"),
    ("Kế hoạch", "Planning"),
    ("Tài vụ", "Accounts"),
    ("Nghiệp vụ 1", "Operations 1"),
    ("Nghiệp vụ 2", "Operations 2"),
    ("Thanh tra", "Inspection"),
    ("Pháp chế", "Legal Affairs"),
    ("Kỹ thuật", "Engineering"),
    ("Tổng hợp", "General Affairs"),
    ("Đào tạo", "Training"),
    ("Công nghệ thông tin", "Information Technology"),
    ("Quản lý dự án", "Projects"),
    ("Hành chính", "Administration"),
)
