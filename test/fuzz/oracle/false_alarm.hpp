// false_alarm: why a consumer is named to whom nothing happened.
#pragma once

#include <string>

namespace accord::oracle {

struct judged_change;
struct consumer;

// "rule, rule: reason"; the reasons are explained in the README.
std::string reason_of_false_alarm(const judged_change&, const consumer&);

}  // namespace accord::oracle
