// comparison: two shapes side by side, with their columns paired.
//
// Every kind of change looks for itself in the same comparison, so that all of them agree on which
// column is which. Texts of constraints, policies and triggers name the relation and its columns;
// after a rename they differ without meaning anything else. `moved` is the shape before with such
// names carried over, and what differs from it has really changed.
//
// Invariants: `kept`, `dropped` and `added` together hold each column of either shape once; `moved`
// has the columns of `kept` only, under the names of `after`, in the order of `before`. The
// references live as long as the shapes do.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/shape.hpp"

namespace accord::change {

// Old column name -> new one.  An empty new name says that the column is gone although its name is
// there again.
using renames = std::map<std::string, std::string, std::less<>>;

struct comparison {
  struct pair {
    const core::column *before, *after;
  };

  const core::shape &before, &after;
  std::vector<pair> kept;                  // in the order of before
  std::vector<std::string> dropped;        // names in before
  std::vector<const core::column*> added;  // in after
  renames renamed;                         // those of kept whose name changed
  core::shape moved;

  comparison(const core::shape& before, const core::shape& after, const renames& = {});
};

}  // namespace accord::change
