package dev.sluice.examples.fetch;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How to download.
 *
 * @param folder where the files go
 * @param max how many downloads at a time in all
 * @param perHost how many at a time from one host
 * @param retries how often a download that failed is tried again
 * @param backoff how long to wait before the first of these; twice as long before each further one
 * @param timeout how long one attempt may take, to the last byte
 * @param maxBytes the size of the largest file to accept
 */
record Settings(Path folder, int max, int perHost, int retries, Duration backoff, Duration timeout, long maxBytes) {}
