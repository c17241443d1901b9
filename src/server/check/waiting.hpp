// waiting: the sessions that a statement would have to wait for now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/check/engine.hpp"

namespace accord::check {

class waiting_sessions {
 public:
  void look(const engine&);  // once, at the begin of a script
  std::optional<std::string> in_the_way(const effects&, const engine&) const;

 private:
  struct holder {
    Oid relation;
    LOCKMODE mode;
    std::string who;
  };
  std::vector<holder> holders_;
};

}  // namespace accord::check
