/** Bounded concurrency you can see through: a worker pool, a gate, a queue and pipelines. */
module dev.sluice {
    requires static java.management;
    requires org.slf4j;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports dev.sluice.gate;
    exports dev.sluice.pipeline;
    exports dev.sluice.pool;
    exports dev.sluice.queue;
}
