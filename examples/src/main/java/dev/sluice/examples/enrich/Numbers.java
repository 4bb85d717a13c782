package dev.sluice.examples.enrich;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Numbers as people and programs write them: {@code 12}, {@code -0.5}, {@code 1e3}, {@code 1_000}, {@code inf},
 * {@code nan}, white space round them, digits of any script.
 */
final class Numbers {
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(?:\\d++\\.?\\d*+|\\.\\d++)(?:[eE][+-]?\\d++)?");
    private static final Pattern SPECIAL = Pattern.compile("([+-]?)(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

    private Numbers() {}

    /** The number, or nothing where {@code text} is none. */
    static OptionalDouble parse(String text) {
        String digits = plainDigits(strip(text));
        if (SPECIAL.matcher(digits).matches()) {
            return OptionalDouble.of(special(digits.toLowerCase(Locale.ROOT)));
        }
        String plain = digits.indexOf('_') < 0 ? digits : withoutUnderscores(digits);
        return DECIMAL.matcher(plain).matches() ? OptionalDouble.of(Double.parseDouble(plain)) : OptionalDouble.empty();
    }

    private static double special(String text) {
        if (text.endsWith("nan")) {
            return Double.NaN;
        }
        return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (from < to && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    private static String plainDigits(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> plain.appendCodePoint(
                        Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER ? '0' + Character.digit(c, 10) : c));
        return plain.toString();
    }

    /** An underscore counts for nothing between two digits; elsewhere it stays, and makes the text no number. */
    private static String withoutUnderscores(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            boolean between =
                    i > 0 && i + 1 < text.length() && isDigit(text.charAt(i - 1)) && isDigit(text.charAt(i + 1));
            if (text.charAt(i) != '_' || !between) {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
