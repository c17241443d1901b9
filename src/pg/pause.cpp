// See pause.hpp.
#include "pg/pause.hpp"

#include <chrono>

#include "pg/bridge.hpp"

#include "pg/pg.h"

namespace accord {

void pause_ms(double ms) {
  using clock = std::chrono::steady_clock;
  auto end = clock::now() + std::chrono::duration<double, std::milli>(ms);
  pg([&] {
    for (;;) {
      CHECK_FOR_INTERRUPTS();
      double left = std::chrono::duration<double, std::milli>(end - clock::now()).count();
      if (left <= 0) break;
      (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, static_cast<long>(left) + 1, PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
    }
  });
}

int random_up_to(int limit) {
  return pg([&] {
    uint32 random;
    if (!pg_strong_random(&random, sizeof(random))) random = static_cast<uint32>(MyProcPid);
    return static_cast<int>(random % static_cast<uint32>(limit + 1));
  });
}

}  // namespace accord
