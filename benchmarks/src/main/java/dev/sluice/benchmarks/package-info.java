/**
 * Measures each part of Sluice beside its plain counterpart from the JDK, and beside other libraries.
 *
 * <p>In a class of benchmarks all that is compared does the same work: the same elements, the same number of threads, the
 * same capacities, and the same check at the end that nothing was lost or doubled. What is compared is an enum whose
 * constants are the values of one JMH parameter, so each runs in a fork of its own and the call through it stays monomorphic.
 * What needs a newer JDK than the one at hand fails at once, with a line that says which it needs.
 * Scores are operations for each millisecond, an operation being one element, task, acquisition or item.
 *
 * <p>Where figures stand beside the score ({@link dev.sluice.benchmarks.Percentiles} and the like), JMH's own table adds up those of
 * all iterations; run one iteration, or take them from its JSON, as {@code report} does.
 *
 * <p>Work of a given length is a fixed number of {@link org.openjdk.jmh.infra.Blackhole#consumeCPU tokens}, not one measured
 * in each fork: otherwise the two sides of a comparison would do different work whenever the machine is not quiet. How long
 * it takes is measured by {@code PoolBenchmark.inline}.
 */
@NullMarked
package dev.sluice.benchmarks;

import org.jspecify.annotations.NullMarked;
