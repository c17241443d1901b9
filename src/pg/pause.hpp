// Sleeping in a backend: interruptible, and with the jitter that keeps those who retry apart.
#pragma once

namespace accord {

void pause_ms(double ms);
int random_up_to(int limit);

}  // namespace accord
