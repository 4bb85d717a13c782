/**
 * {@code fetch}: downloads a list of URLs, so many at a time in all and so many from one host.
 *
 * <p>{@link dev.sluice.examples.fetch.Downloads} shows the gated pool together with gates of one's own: one for each
 * host, and one whose permits are the places in the reader's window, so that the end of all work is "every permit is
 * home".
 */
@NullMarked
package dev.sluice.examples.fetch;

import org.jspecify.annotations.NullMarked;
