/**
 * {@code checksum}: the SHA-256 of every file under a folder, several at a time, printed in one fixed order.
 *
 * <p>{@link dev.sluice.examples.checksum.Checksums} shows a worker pool with a bounded look-ahead: files are handed in
 * as the first results are printed, so a million files cost no more memory than a thousand.
 */
@NullMarked
package dev.sluice.examples.checksum;

import org.jspecify.annotations.NullMarked;
