package dev.sluice.examples.fetch;

import java.net.URI;
import java.time.Duration;

/** How one attempt at a download ended. */
sealed interface Attempt {
    /** The file is there. */
    record Done(long bytes) implements Attempt {}

    /** It is to be had elsewhere. */
    record Moved(URI to) implements Attempt {}

    /** It may go better another time, but not before {@code after} is over. */
    record Retry(String reason, Duration after) implements Attempt {}

    /** It will not go better another time. */
    record Failed(String reason) implements Attempt {}
}
