"""Files as spreadsheets write them, read and written: .xlsx and .csv, whoever made them and whatever for."""
