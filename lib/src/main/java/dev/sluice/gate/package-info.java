/** TODO */
@NullMarked
package dev.sluice.gate;

import org.jspecify.annotations.NullMarked;
