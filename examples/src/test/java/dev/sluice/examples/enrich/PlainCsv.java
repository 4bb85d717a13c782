package dev.sluice.examples.enrich;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The definition of the dialect, written for clarity and for a text that is in memory as code points. Tests compare what
 * the program reads with what this reads.
 */
final class PlainCsv {
    private final int[] text;
    private final int limit;
    private int at;

    private PlainCsv(String text, int limit) {
        this.text = text.codePoints().toArray();
        this.limit = limit;
    }

    /** The records; an empty one stands for a line whose quote never closes. */
    static List<Optional<List<String>>> read(String text, int limit) {
        PlainCsv csv = new PlainCsv(text, limit);
        List<Optional<List<String>>> records = new ArrayList<>();
        while (csv.at < csv.text.length) {
            Optional<List<String>> record = csv.record();
            if (record.isEmpty() || !record.get().isEmpty()) {
                records.add(record);
            }
        }
        return records;
    }

    private int character(int index) {
        return index < text.length ? text[index] : -1;
    }

    private Optional<List<String>> record() {
        int start = at;
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        while (true) {
            int c = character(at);
            if (quoted && (c < 0 || at - start > limit)) {
                skipLine(start);
                return Optional.empty();
            } else if (quoted && c == '"' && character(at + 1) == '"') {
                cell.append('"');
                at++;
            } else if (quoted && c == '"') {
                quoted = false;
            } else if (quoted) {
                cell.appendCodePoint(c);
            } else if (c == '"' && cell.length() == 0) {
                quoted = true;
            } else if (c == ',') {
                row.add(cell.toString());
                cell.setLength(0);
            } else if (c < 0 || c == '\n' || c == '\r') {
                at += c == '\r' && character(at + 1) == '\n' ? 2 : 1;
                if (!row.isEmpty() || cell.length() > 0) {
                    row.add(cell.toString());
                }
                return Optional.of(row);
            } else {
                cell.appendCodePoint(c);
            }
            at++;
        }
    }

    private void skipLine(int start) {
        at = start;
        while (character(at) >= 0 && character(at) != '\n') {
            at++;
        }
        at++;
    }
}
