// hazard: the words for the hazards of docs/hazards.md that accord.check finds, for those who report them.
//
// Which statement has which hazard is the server's to tell (src/server/check); test/docs/hazards.sh compares the two.
#pragma once

#include <span>
#include <string_view>

namespace accord::rule {

struct hazard_info {
  std::string_view id;
  std::string_view explanation;
  std::string_view safe_way;  // empty: none but the right moment
};

std::span<const hazard_info> hazards();
const hazard_info* find_hazard(std::string_view id);

}  // namespace accord::rule
