package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "12, 12",
        "-0.5, -0.5",
        "+3., 3",
        ".5, 0.5",
        "1e3, 1000",
        "1E-2, 0.01",
        "1_000, 1000",
        "' 7 ', 7",
        "1e999, Infinity",
        "inf, Infinity",
        "-Infinity, -Infinity",
        "NaN, NaN",
        "'\u00A07', 7",
        "\u0661\u0662, 12",
        "0012, 12",
        "1_0e1_0, 1e11"
    })
    void readsWhatIsANumber(String text, double number) {
        assertThat(Numbers.parse(text)).hasValue(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "x", "1d", "0x10", "1f", "1,5", "1__0", "_1", "1_", "1_.5", "--1", "1e", "e1", ".", "1 2"
            })
    void refusesWhatIsNone(String text) {
        assertThat(Numbers.parse(text)).isEmpty();
    }

    @Test
    void readsALongCellWithoutOverflowingTheStack() {
        assertThat(Numbers.parse("1".repeat(1 << 20))).hasValue(Double.POSITIVE_INFINITY);
        assertThat(Numbers.parse("1_".repeat(1 << 18) + "x")).isEmpty();
    }
}
