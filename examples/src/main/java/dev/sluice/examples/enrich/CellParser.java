package dev.sluice.examples.enrich;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvReader.CsvReaderBuilder;
import de.siegmar.fastcsv.reader.StringArrayHandler;
import dev.sluice.examples.enrich.RawRecord.Shape;

/** Turns a record into its cells, by FastCSV. Thread-safe. */
final class CellParser {
    /*
     * FastCSV reads what RFC 4180 allows, and a quote inside an unquoted cell, as wanted. Text after a closing quote
     * it can be told to accept, but then it drops a quote that ends such text; so those cells are quoted anew.
     * The builder is never changed after this, so threads may share it.
     */
    private static final CsvReaderBuilder READER =
            CsvReader.builder().commentStrategy(CommentStrategy.NONE).skipEmptyLines(false);

    private CellParser() {}

    /** The cells of {@code record}, whose quotes close. */
    static String[] cells(RawRecord record) {
        String text = record.shape() == Shape.TEXT_AFTER_QUOTE ? quotedAnew(record.text()) : record.text();
        int longest = Math.max(1, text.length() + 1);
        return READER.ofSingleCsvRecord(
                StringArrayHandler.builder()
                        .maxFields(longest)
                        .maxFieldSize(longest)
                        .maxRecordSize(longest)
                        .build(),
                text);
    }

    /** The same cells with the text that follows a closing quote inside the quotes. */
    private static String quotedAnew(String text) {
        StringBuilder regular = new StringBuilder(text.length() + 16);
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == '"') {
                int close = closingQuote(text, at);
                int cellEnd = cellEnd(text, close + 1);
                regular.append(text, at, close);
                regular.append(text.substring(close + 1, cellEnd).replace("\"", "\"\""));
                regular.append('"');
                at = cellEnd;
            } else {
                int cellEnd = cellEnd(text, at);
                regular.append(text, at, cellEnd);
                at = cellEnd;
            }
            if (at < text.length()) {
                regular.append(',');
                at++;
            }
        }
        return regular.toString();
    }

    private static int closingQuote(String text, int open) {
        int at = text.indexOf('"', open + 1);
        while (at + 1 < text.length() && text.charAt(at + 1) == '"') {
            at = text.indexOf('"', at + 2);
        }
        return at;
    }

    private static int cellEnd(String text, int from) {
        int comma = text.indexOf(',', from);
        return comma < 0 ? text.length() : comma;
    }
}
