/** Checks of what the gate does not show to others. */
@NullMarked
package dev.sluice.gate;

import org.jspecify.annotations.NullMarked;
