package dev.sluice.examples.fetch;

import dev.sluice.examples.fetch.Attempt.Failed;
import dev.sluice.examples.fetch.Attempt.Retry;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/** What a server says about when to come back: seconds or a date. */
final class RetryAfter {
    /** Who wants to be left alone for longer is not waited for. */
    static final Duration LONGEST = Duration.ofMinutes(1);

    private RetryAfter() {}

    /** What to do after an answer that may be another one later. */
    static Attempt of(HttpResponse<?> response) {
        String reason = "status " + response.statusCode();
        Duration wait = response.headers()
                .firstValue("Retry-After")
                .map(value -> parse(value.strip(), Instant.now()))
                .orElse(Duration.ZERO);
        if (wait.compareTo(LONGEST) > 0) {
            return new Failed(reason + ", not to be tried again for " + wait.toSeconds() + " s");
        }
        return new Retry(reason, wait);
    }

    /** How long to wait; no time where {@code value} says nothing that one can read, or a date that is past. */
    static Duration parse(String value, Instant now) {
        if (value.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            return date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
