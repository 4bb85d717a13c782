/**
 * Programs that do real work with Sluice: one command line, one subcommand for each example.
 *
 * <p>Each subcommand has a package of its own whose central class is the part to read: {@code enrich.Enrichment} is a
 * pipeline, {@code checksum.Checksums} a worker pool, {@code fetch.Downloads} a gated pool with a gate for each host.
 * What stands round it (reading CSV, writing files, the options) is ordinary code that a program of this kind needs.
 */
@NullMarked
package dev.sluice.examples;

import org.jspecify.annotations.NullMarked;
