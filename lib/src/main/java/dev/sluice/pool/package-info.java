/**
 * The bounded worker pool, in two variants with one contract, and what its users see: handles, jobs and their outcomes,
 * groups, accounts.
 *
 * <p>Start with {@link dev.sluice.pool.WorkerPool}. A task is submitted as a {@code Callable}, a {@code Runnable} or a
 * {@link dev.sluice.pool.Job}, which is work with a descriptor; what comes back is a {@link dev.sluice.pool.TaskHandle}.
 * Tasks that belong together go through a {@link dev.sluice.pool.TaskGroup}; a long or endless feed of jobs, through
 * {@link dev.sluice.pool.WorkerPool#outcomes}. Both give an {@link dev.sluice.pool.Outcome} for each task, as it ends.
 */
@NullMarked
package dev.sluice.pool;

import org.jspecify.annotations.NullMarked;
