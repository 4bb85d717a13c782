package dev.sluice.pool;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Gives a task the mapped diagnostic context that its submitter had, and the thread its own one back. */
final class MdcCarrier implements TaskDecorator {
    @Override
    public Callable<?> decorate(Callable<?> task) {
        Map<String, String> ofSubmitter = MDC.getCopyOfContextMap();
        return () -> {
            Map<String, String> ofThread = MDC.getCopyOfContextMap();
            set(ofSubmitter);
            try {
                return task.call();
            } finally {
                set(ofThread);
            }
        };
    }

    private static void set(@Nullable Map<String, String> context) {
        if (context == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(context);
        }
    }
}
