/** What several packages of the library share; not exported. */
@NullMarked
package dev.sluice.internal;

import org.jspecify.annotations.NullMarked;
