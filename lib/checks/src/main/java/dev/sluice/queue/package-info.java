/** Checks of the parts of the queue; in the same package, for they are not public. */
@NullMarked
package dev.sluice.queue;

import org.jspecify.annotations.NullMarked;
