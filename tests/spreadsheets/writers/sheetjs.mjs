// Writes a workbook with SheetJS: node sheetjs.mjs SPECIFICATION.json OUT, whose ending says which format.
import { readFileSync, writeFileSync } from "node:fs";
import xlsx from "xlsx";

const [specification, out] = process.argv.slice(2);
const book = xlsx.utils.book_new();
const { sheets } = JSON.parse(readFileSync(specification, "utf8"));
for (const { name, rows, formats, merged, hiddenRows, formulas } of sheets) {
  const sheet = xlsx.utils.aoa_to_sheet(rows);
  for (const [cell, format] of Object.entries(formats)) sheet[cell].z = format;
  for (const [cell, formula] of Object.entries(formulas)) Object.assign(sheet[cell], { f: formula });
  sheet["!merges"] = merged.map((range) => xlsx.utils.decode_range(range));
  sheet["!rows"] = rows.map((_, i) => ({ hidden: hiddenRows.includes(i + 1) }));
  xlsx.utils.book_append_sheet(book, sheet, name);
}
book.Workbook = { Sheets: sheets.map(({ hidden }) => ({ Hidden: hidden ? 1 : 0 })) };
const type = out.endsWith(".xls") ? "biff8" : out.split(".").pop();
writeFileSync(out, xlsx.write(book, { bookType: type, type: "buffer", compression: true }));
