// simple_view: what clients find behind a view that has taken a table's place.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/shape.hpp"
#include "core/verdict.hpp"
#include "pg/bridge.hpp"
#include "server/guard/verdict.hpp"

namespace accord::guard {

struct acting {
  core::shape shape;
  std::vector<core::finding> findings;  // what the shape does not show
  std::string its_defaults;             // ALTER VIEW that gives a view those of its table that it does not have; empty: it lacks none
};

// A relation as it acts, where `promised` was promised of its name.  Of an auto-updatable view over one table, the table's NOT NULL, defaults,
// keys, checks, triggers, partitions and parents are the view's too, as far as its columns have the same names.  Of a view that takes no writes
// nothing is left of these for anybody to notice, so that they are as promised.  Everything else is the relation's own shape.
acting as_it_acts(Oid relation, const core::shape& promised);
acting as_it_acts(Oid relation, const core::shape& promised, const std::function<core::shape(Oid)>& capture);

// What to run in the same transaction, where a view needs no more than defaults of its own for nobody to be hit; empty otherwise.
std::string missing_defaults(const acting&, const promise&, const std::vector<core::finding>& worse);

}  // namespace accord::guard
