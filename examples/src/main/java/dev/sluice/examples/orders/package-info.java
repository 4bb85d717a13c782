/**
 * {@code orders}: a shop, as a service with commands and events. {@code ORDERS.md} beside this module walks one order
 * through the classes.
 *
 * <p>A {@link dev.sluice.examples.orders.Command} changes one aggregate ({@code Order}, {@code StockItem}, {@code Payment})
 * and is run by {@code Commands}, in a lane of a worker pool. What it changes are events, which {@code EventStore} appends
 * together with their places in the outbox; {@code Journal} commits. {@code Outbox} is the source of the pipeline in
 * {@code Processing}, whose handlers answer an event with the next command. {@code Views} makes the tables that are read.
 */
@NullMarked
package dev.sluice.examples.orders;

import org.jspecify.annotations.NullMarked;
