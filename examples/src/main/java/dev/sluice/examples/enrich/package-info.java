/**
 * {@code enrich}: reads a feed of CSV rows, drops those that nobody wants, joins the rest with a lookup table and
 * writes them in the feed's order.
 *
 * <p>{@link dev.sluice.examples.enrich.Enrichment} is the pipeline. One thread cuts the feed into records
 * ({@code RecordReader}: where does a record end, and what does a quote that never closes cost), several turn records
 * into cells ({@code CellParser}, by a CSV library), one joins and one writes. No row is lost: each is written,
 * filtered, or a reject with its line number, the reason and its text.
 *
 * <p>Memory does not grow with the feed: between the threads there are queues of fixed length, and a record has a
 * longest length. Only the lookup table is held whole.
 */
@NullMarked
package dev.sluice.examples.enrich;

import org.jspecify.annotations.NullMarked;
