/** Checks of the links between stages; in the same package, for they are not public. */
@NullMarked
package dev.sluice.pool;

import org.jspecify.annotations.NullMarked;
