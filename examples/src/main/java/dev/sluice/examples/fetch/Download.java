package dev.sluice.examples.fetch;

import dev.sluice.gate.Permit;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A URL that has been read and is not settled yet.
 *
 * @param url as it was given
 * @param uri where to ask next: the URL, or where a redirect has led
 * @param file where the content goes
 * @param place its place in the reader's window
 * @param failures how often it has failed so far
 * @param redirects how many redirects have led here
 */
record Download(String url, URI uri, Path file, Permit place, int failures, int redirects) {
    /** A download that has not been tried yet. */
    static Download of(String url, URI uri, Path file, Permit place) {
        return new Download(url, uri, file, place, 0, 0);
    }

    Download again() {
        return new Download(url, uri, file, place, failures + 1, redirects);
    }

    Download movedTo(URI other) {
        return new Download(url, other, file, place, failures, redirects + 1);
    }

    /** Whom the limit for each host counts it for. */
    String host() {
        return uri.getHost().toLowerCase(Locale.ROOT);
    }
}
