// rules: accord.rules, the registry of compatibility rules as SQL sees it.
#include "pg/result_rows.hpp"
#include "rule/rule.hpp"

#include "pg/pg.h"

using namespace accord;

ACCORD_FUNCTION(accord_list_rules) {
  result_rows rows;
  for (const rule::rule_info* r : rule::rules()) {
    auto at = [](core::effect effect, core::strictness strictness) {
      return effect == core::effect::none ? std::optional<std::string>() : std::string(core::name_of(strictness));
    };
    rows.add({std::string(r->id), std::string(rule::family_of(r->id)), std::string(core::name_of(r->readers)),
              at(r->readers, r->readers_at), std::string(core::name_of(r->writers)), at(r->writers, r->writers_at),
              std::string(r->explanation), std::string(r->safe_way)});
  }
  return rows.finish(fcinfo);
}
