/**
 * Runs a chosen set of the benchmarks, and writes what came out as a page for people to read.
 *
 * <p>A {@link dev.sluice.benchmarks.report.Profile} says what to run and for how long; what JMH finds goes into a file of
 * its JSON, and the page is made from that file alone, so that it can be made again. A figure is the median of all iterations
 * of all forks.
 */
@NullMarked
package dev.sluice.benchmarks.report;

import org.jspecify.annotations.NullMarked;
