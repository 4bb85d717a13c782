package dev.sluice.examples.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeNamesTest {
    @ParameterizedTest
    @CsvSource({
        "http://h/a/b.txt, b.txt",
        "http://h, index",
        "http://h/, index",
        "http://h/.., index",
        "http://h/a/..%2f..%2fetc%2fpasswd, 2f.._2fetc_2fpasswd",
        "http://h/.bashrc, bashrc",
        "http://h/-rf, rf",
        "http://h/a;rm%20x, a_rm_20x",
        "http://h/%C3%A9, _C3_A9",
        "http://h/a.txt?../../x, a.txt"
    })
    void isOnlyEverANameInTheFolder(URI uri, String name) {
        String given = new SafeNames().nameFor(uri);

        assertThat(given).matches("[A-Za-z0-9_][A-Za-z0-9._-]*");
        assertThat(given).endsWith(name);
    }

    @Test
    void isGivenOnce() {
        SafeNames names = new SafeNames();

        assertThat(names.nameFor(URI.create("http://h/a.txt"))).isEqualTo("a.txt");
        assertThat(names.nameFor(URI.create("http://h/a-2.txt"))).isEqualTo("a-2.txt");
        assertThat(names.nameFor(URI.create("http://i/a.txt"))).isEqualTo("a-3.txt");
        assertThat(names.nameFor(URI.create("http://i/A.TXT"))).isEqualTo("A-4.TXT");
        assertThat(names.nameFor(URI.create("http://h/" + "x".repeat(500)))).hasSize(100);
    }

    @Test
    void readsBothFormsOfRetryAfter() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");

        assertThat(RetryAfter.parse("7", now)).isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.parse("Thu, 1 Jan 2026 00:00:30 GMT", now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Thu, 1 Jan 2015 00:00:30 GMT", now)).isZero();
        assertThat(RetryAfter.parse("soon", now)).isZero();
    }
}
