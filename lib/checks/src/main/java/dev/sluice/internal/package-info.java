/** Checks of what the library's packages share; in the same package, for it is not exported. */
@NullMarked
package dev.sluice.internal;

import org.jspecify.annotations.NullMarked;
