package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of the tasks that run. */
@Timeout(180)
class TaskListTest {
    private final BasePool pool = (BasePool) WorkerPool.of(1);

    private Task<?> task() {
        Task<?> task = Task.executed(pool, () -> {});
        task.runsApart(Extras.withRunner());
        return task;
    }

    @Test
    void tasksLeaveFromAnywhereAndTheOthersKeepTheirOrder() {
        TaskList list = new TaskList();
        List<Task<?>> model = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            if (model.isEmpty() || (model.size() < 5 && random.nextBoolean())) {
                Task<?> task = task();
                list.add(task);
                model.add(task);
            } else {
                list.remove(model.remove(random.nextInt(model.size())));
            }
            assertThat(list.toList()).isEqualTo(model);
            assertThat(list.size()).isEqualTo(model.size());
        }
    }

    @Test
    void taskThatHasLeftHoldsNoOtherAndLeavesButOnce() {
        TaskList list = new TaskList();
        List<Task<?>> tasks = List.of(task(), task(), task());
        tasks.forEach(list::add);
        Task<?> middle = tasks.get(1);
        list.remove(middle);
        assertThat(middle.knownExtras().previous).isNull();
        assertThat(middle.knownExtras().next).isNull();
        list.remove(middle);
        list.remove(task());
        assertThat(list.toList()).isEqualTo(List.of(tasks.get(0), tasks.get(2)));
        assertThat(list.size()).isEqualTo(2);
    }
}
