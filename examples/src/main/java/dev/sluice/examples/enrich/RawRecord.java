package dev.sluice.examples.enrich;

/**
 * A record of a CSV file as it stands there, without its line end.
 *
 * @param line the number of the line on which it begins, from 1, every line counted
 * @param text the record; of one whose quote never closes, the line on which it begins
 * @param shape how it can be read
 */
record RawRecord(long line, String text, Shape shape) {
    /** What became of the quotes. */
    enum Shape {
        /** As RFC 4180 wants it. */
        REGULAR,
        /** A closing quote is followed by more text before the cell ends. */
        TEXT_AFTER_QUOTE,
        /** A quote opens and does not close. */
        UNCLOSED
    }

    /** Whether there is no cell with anything in it. */
    boolean isBlank() {
        return text.isEmpty() || (shape != Shape.UNCLOSED && text.equals("\"\""));
    }
}
