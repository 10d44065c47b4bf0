"""What is printed and signed: minutes, report upward, workbook, and where certified papers are kept."""
