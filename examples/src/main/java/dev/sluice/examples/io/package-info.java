/**
 * What the example programs share: reading bytes, writing files that appear whole or not at all, and the one-line
 * failure.
 *
 * <p>A file that is being written has another name in the same folder and gets its own by an atomic move at the end.
 * So whoever looks at the final name sees the old file or the new one, never half of it, also after Ctrl-C: a shutdown
 * hook removes what is unfinished.
 */
@NullMarked
package dev.sluice.examples.io;

import org.jspecify.annotations.NullMarked;
